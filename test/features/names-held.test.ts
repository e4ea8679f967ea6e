import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecurityEvent } from '#models/security-event.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { userCalled } from '../support/users.js';

const FREEING = '/admin/users/former';

describe('A username, which servers and applications know somebody by,', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const add = (username: string) => {
    const fields = { name: 'Somebody', email: 'new@acme.example', onboarding: 'invite' };
    return adam.submit('/admin/users/new', '/admin/users', { ...fields, username });
  };
  const rename = (who: string, username: string) => {
    const at = `/admin/users/${portal.idOf(who)}`;
    return adam.submit(at, at, { username });
  };

  it('stays with who had it when they are given another, and comes back to them alone', async () => {
    assert.equal((await rename('acme/uma', 'uma.old')).status, 303);
    for (const answer of [await add('uma'), await add('UMA'), await rename('acme/umar', 'uma')])
      assert.match(answer.errorOf('username'), /Somebody else once had this username.* have an owner free it/);
    assert.equal((await rename('acme/uma', 'uma')).status, 303);
  });

  it('stays reserved when the account is deleted, until an owner frees it', async () => {
    const at = `/admin/users/${portal.idOf('acme/uma')}/removal`;
    assert.equal((await adam.submit(at, at, { username: 'uma' })).status, 303);
    assert.match((await add('uma')).errorOf('username'), /once had this username/);
    const page = await adam.open(FREEING);
    assert.match(page.text, /Only an owner/);
    assert.equal((await adam.post(FREEING, { _csrf: await adam.csrf(), username: 'uma' })).status, 403);
    const olivia = await portal.signedIn('acme/olivia');
    assert.match(
      (await olivia.submit(FREEING, FREEING, { username: 'nobody-ever' })).errorOf('username'),
      /not reserved/,
    );
    assert.equal((await olivia.submit(FREEING, FREEING, { username: 'Uma ' })).status, 303);
    assert.equal((await add('uma')).status, 303);
    assert.notEqual((await userCalled(portal, 'acme/uma')).id, portal.idOf('acme/uma'));
    assert.equal(await SecurityEvent.count({ where: { event: 'username.freed', level: 'high' } }), 1);
  });

  it('is not readable in the database once it was given up', async () => {
    await rename('acme/uma', 'somebody.else');
    const rows = await portal.database.read('SELECT * FROM former_names', []);
    assert.equal(rows.length, 1);
    assert.doesNotMatch(JSON.stringify(rows), /"uma"/);
  });

  it('is changed with a mail to its owner, who can say that nobody asked them, and a high event', async () => {
    await rename('acme/uma', 'uma.old');
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.match(mail.text, /uma\.\u2060?old in place of uma\.[\s\S]*\/disavowal\//);
    assert.equal(await SecurityEvent.count({ where: { event: 'user.renamed', level: 'high' } }), 1);
  });

  it('is none that a machine has for an account of its own', async () => {
    for (const name of [
      'root',
      'ROOT',
      'daemon',
      'bin',
      'sys',
      'sshd',
      'nobody',
      'www-data',
      'postgres',
      'systemd-network',
    ])
      assert.match((await add(name)).errorOf('username'), /Servers have an account of this name/, name);
    assert.match((await rename('acme/uma', 'root')).errorOf('username'), /Servers have an account/);
    assert.equal((await add('rooty')).status, 303);
  });

  it('of a server’s own accounts is asked for by no server', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    const script = readFileSync(join(PROJECT_ROOT, 'docs/examples/gatehouse-authorized-keys'), 'utf8');
    const write = (name: string, text: string): string => {
      const file = join(folder, name);
      writeFileSync(file, text);
      chmodSync(file, 0o755);
      return file;
    };
    const settings = write('keys.conf', 'GATEHOUSE_URL=x\nGATEHOUSE_ORGANIZATION=acme\nGATEHOUSE_TOKEN=x\n');
    write('curl', '#!/bin/sh\necho asked\n');
    write(
      'id',
      '#!/bin/sh\ncase $3 in uma) echo 1000 ;; root) echo 0 ;; nobody) echo 65534 ;; backup) echo 34 ;; *) exit 1 ;; esac\n',
    );
    const file = write('script', script.replace('/etc/gatehouse-keys.conf', settings));
    const asked = (user: string): string =>
      execFileSync('sh', [file, user], { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` }, encoding: 'utf8' });
    assert.deepEqual(['uma', 'root', 'nobody', 'backup', 'unknown'].map(asked), ['asked\n', '', '', '', '']);
    rmSync(folder, { recursive: true });
  });
});
