import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { DAY } from '#server/lib/clock.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import type { Finished } from '../support/command-host.js';
import type { Browser } from '../support/browser.js';
import { makeToken, TOKENS } from '../support/credentials.js';
import { listeningPortal, type ListeningPortal } from '../support/listening.js';
import { finished } from '../support/process.js';

const COMPILER = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc');
const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];

describe('docs/examples/client.ts, in the types that a generator makes of the served document', () => {
  let portal: ListeningPortal;
  let folder: string;
  let document: string;
  let olivia: Browser;
  before(async () => {
    // The compiler takes its time where others are at work.
    portal = await listeningPortal();
    document = await (await fetch(`${portal.url}/api/openapi.json`)).text();
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-client-'));
    symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    copyFileSync(join(PROJECT_ROOT, 'docs/examples/client.ts'), join(folder, 'client.ts'));
    assert.equal(await compile(document), '');
    olivia = await portal.signedIn('acme/olivia');
  });
  after(async () => {
    await portal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Makes the types of this document, and compiles the client with them; gives what the compiler has against it. */
  async function compile(text: string, ...more: string[]): Promise<string> {
    writeFileSync(join(folder, 'gatehouse.d.ts'), astToString(await openapiTS(JSON.parse(text) as OpenAPI3)));
    const args = [COMPILER, ...STRICT, '--module', 'nodenext', '--target', 'es2023', '--types', 'node', ...more];
    const { code, stdout } = await finished(spawn(process.execPath, [...args, 'client.ts'], { cwd: folder }));
    return code === 0 ? '' : stdout;
  }
  const run = (TOKEN: string, ...args: string[]): Promise<Finished> =>
    finished(spawn(process.execPath, ['client.js', ...args], { cwd: folder, env: { PORTAL: portal.url, TOKEN } }));

  it('learns who it is, lists everybody page by page, and adds a service account', async () => {
    const { secret } = await makeToken(olivia);
    const { code, stdout, stderr } = await run(secret, 'robo-2');
    assert.deepEqual([code, stderr], [0, '']);
    const [first = '', ...lines] = stdout.trim().split('\n');
    assert.match(first, /^acme\/olivia may .*users:write/);
    assert.deepEqual(lines.sort(), [
      'adam active Admin',
      'added robo-2',
      'audrey active Auditor',
      'olivia active Owner',
      'robo active User',
      'uma active User',
      'umar active User',
    ]);
    assert.match((await olivia.open('/admin/users?q=robo-2')).text, /The program robo-2[^]*Service account/i);
  });

  it('is told in one form why not: a field, a permission, a credential that is wrong, expired or revoked', async () => {
    const { secret, id } = await makeToken(olivia);
    const narrow = await makeToken(olivia, { scopes: 'users:read' });
    const refused = async (token: string, ...args: string[]): Promise<string> => {
      const { code, stderr } = await run(token, ...args);
      assert.equal(code, 1);
      return stderr;
    };
    assert.match(await refused(secret, 'robo'), /^422 invalid: .*\nusername: /);
    assert.match(await refused(secret, 'a:b'), /username: .*colon/i);
    assert.match(await refused(narrow.secret, 'robo-3'), /^403 forbidden: .*roles:read/);
    assert.match(await refused(`${secret.slice(0, -6)}000000`), /^401 invalid_credentials: /);
    await olivia.submit(`${TOKENS}/${id}`, `${TOKENS}/${id}/removal`);
    assert.match(await refused(secret), /^401 token_revoked: /);
    portal.clock.move(93 * DAY);
    assert.match(await refused(narrow.secret), /^401 token_expired: /);
  });

  it('does not compile any more once what it stands on is another', async () => {
    const changes: [string, string, RegExp][] = [
      ['"next"', '"after"', /Property 'next' does not exist/],
      ['"slug"', '"shortName"', /Property 'slug' does not exist/],
      ['"required":["username",', '"required":["mustSetUpTwoFactor","username",', /'mustSetUpTwoFactor' is missing/],
    ];
    let changed = document;
    for (const [from, to] of changes) {
      assert.ok(changed.includes(from), from);
      changed = changed.replaceAll(from, to);
    }
    const complaints = await compile(changed, '--noEmit');
    for (const [, , complaint] of changes) assert.match(complaints, complaint);
  });
});
