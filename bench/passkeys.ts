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
import { gatehouse, PASSWORD, startPortal, type Program } from './programs.js';
import { SignIns, type Filled, type Round } from './sign-ins.js';

// Signing in by a passkey beside signing in by a password, ten at a time, at the portal as it is served; in turn, so that what
// else the machine does falls on both. The answers are signed before the time is taken. Everybody comes from a browser that is new to
// them, and is mailed about it; with `--known` from one that they have signed in with before.
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    answers: { type: 'string', default: '300' },
    known: { type: 'boolean', default: false },
  },
});
const PEOPLE = 40;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const dataDir = join(folder, 'data');

try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  gatehouse({ DATA_DIR: dataDir }, 'demo', '--password', PASSWORD, '--users', String(2 * PEOPLE));
  const portal = await startPortal({ DATA_DIR: dataDir });
  try {
    await measure(portal, portal.url.replace('127.0.0.1', 'localhost'));
  } finally {
    await portal.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(portal: Program, origin: string): Promise<void> {
  const { url } = portal;
  // Several people: what one account is answered at once is counted.
  const keys: Authenticator[] = [];
  for (let at = 0; at < PEOPLE; at += 1) keys.push(await passkeyOf(url, origin, extra(at).username));
  const signIns = new SignIns(portal, options.known);

  // Of the same number of people as have passkeys, who have none.
  const ways = {
    passkey: (text: string, at: number): Filled => ({
      path: ALONE,
      fields: { credential: keys[at % PEOPLE]?.get(pageOf(text, origin)) ?? '', next: '' },
    }),
    password: (_: string, at: number): Filled => ({
      path: '/login',
      fields: { organization: 'acme', username: extra(PEOPLE + (at % PEOPLE)).username, password: PASSWORD },
    }),
  };
  const rounds = { passkey: [] as Round[], password: [] as Round[] };
  // The first round is for the engine, and for browsers to become known.
  for (let round = -1; round < Number(options.rounds); round += 1)
    for (const way of ['passkey', 'password'] as const) {
      const many = round < 0 ? PEOPLE : Number(options.answers) / (way === 'password' ? 4 : 1);
      for (let at = 0; at < many; at += 1) await signIns.fillIn(`${way} ${at % PEOPLE}`, (text) => ways[way](text, at));
      const one = await signIns.send();
      if (round >= 0) rounds[way].push(one);
    }
  for (const [way, measured] of Object.entries(rounds))
    report(
      `by a ${way}`,
      `${median(measured, 'rate').toFixed(1)} a second, ${median(measured, 'cost').toFixed(0)} µs of processor`,
    );
  for (const what of ['rate', 'cost'] as const) {
    const factor = median(rounds.passkey, what) / median(rounds.password, what);
    report(`factor of ${what}`, (what === 'rate' ? factor : 1 / factor).toFixed(1));
  }
}

function median(rounds: readonly Round[], what: keyof Round): number {
  const sorted = rounds.map((round) => round[what]).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
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
