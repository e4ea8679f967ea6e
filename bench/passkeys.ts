import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type supertest from 'supertest';
import { extra } from '#models/seeds/demo.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { Authenticator } from '../test/support/authenticator.js';
import { Page } from '../test/support/browser.js';
import { ALONE, NEW_PASSKEY, PASSKEYS } from '../test/support/passkeys.js';
import { Visitor } from '../test/support/visitor.js';
import { rateOf, signInForm } from './people.js';
import { gatehouse, PASSWORD, startPortal } from './programs.js';

// Signing in by a passkey beside signing in by a password, ten at a time, at the portal as it is served. The pages are asked
// for, and the answers signed, before the time is taken.
const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, answers: { type: 'string', default: '1000' } },
});
const seconds = Number(options.seconds);
const TOGETHER = 10;
const PEOPLE = 40;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const dataDir = join(folder, 'data');

try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  gatehouse({ DATA_DIR: dataDir }, 'demo', '--password', PASSWORD, '--users', String(PEOPLE));
  const portal = await startPortal({ DATA_DIR: dataDir });
  try {
    await measure(portal.url, portal.url.replace('127.0.0.1', 'localhost'));
  } finally {
    await portal.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(url: string, origin: string): Promise<void> {
  // Several people: what one account is answered at once is counted.
  const keys: Authenticator[] = [];
  for (let at = 0; at < PEOPLE; at += 1) keys.push(await passkeyOf(url, origin, extra(at).username));

  const ready: (() => Promise<unknown>)[] = [];
  for (let at = 0; at < Number(options.answers); at += 1) {
    const visitor = new Visitor(url, undefined, `10.${at >> 8}.${at & 255}.1`);
    const page = await visitor.get('/login');
    const answer = { credential: keys[at % PEOPLE]?.get(pageOf(page.text, origin)) ?? '', next: '', _csrf: page.csrf };
    ready.push(async () => {
      const { status } = await visitor.post(ALONE, answer);
      if (status !== 303) throw new Error(`The passkey was answered ${status}.`);
    });
  }
  const began = performance.now();
  const lines = Array.from({ length: TOGETHER }, async () => {
    for (let next = ready.pop(); next; next = ready.pop()) await next();
  });
  await Promise.all(lines);
  const byPasskey = (Number(options.answers) * 1000) / (performance.now() - began);

  const form = await signInForm(url);
  let sent = 0;
  const byPassword = await rateOf(() => form(extra((sent += 1) % PEOPLE).username), TOGETHER, seconds);
  report('signing in by a passkey', `${byPasskey.toFixed(1)} a second`);
  report('signing in by a password', `${byPassword} a second`);
  report('factor', (byPasskey / byPassword).toFixed(1));
}

async function passkeyOf(url: string, origin: string, username: string): Promise<Authenticator> {
  const visitor = new Visitor(url);
  await visitor.submit('/login', { organization: 'acme', username, password: PASSWORD });
  const key = new Authenticator({ synced: true, backedUp: true });
  const { text, csrf } = await visitor.get(NEW_PASSKEY);
  const credential = key.create(pageOf(text, origin));
  const { status } = await visitor.post(PASSKEYS, { name: '', credential, signInAlone: 'on', _csrf: csrf });
  if (status !== 200) throw new Error(`${username} got no passkey: ${status}`);
  return key;
}

function pageOf(text: string, origin: string): Page {
  return new Page('/login', { status: 200, headers: {}, text } as unknown as supertest.Response, origin);
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what}: ${figure}\n`);
}
