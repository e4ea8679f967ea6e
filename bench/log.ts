import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { loadConfig } from '#server/config.js';
import { contextWithoutRequest, type TenantContext } from '#server/context.js';
import { archiveLog } from '#server/features/security-log/archive.js';
import { inContext } from '#server/identity/tenant.js';
import { DAY } from '#server/lib/clock.js';
import { createLog } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import { Visitor } from '../test/support/visitor.js';
import { median } from './load.js';
import { gatehouse, PASSWORD, residentMegabytes, startPortal, watchMemory, type Program } from './programs.js';

// A security log of a million rows, by real use: its pages, its exports, its verification and its archive. On SQLite, or in
// an empty PostgreSQL that `--database` names; `--data` goes on with what a run before has made.

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    users: { type: 'string', default: '1000' },
    database: { type: 'string', default: '' },
    data: { type: 'string' },
    rounds: { type: 'string', default: '15' },
  },
});
const LOG = '/admin/security-log';
const PAGES: Readonly<Record<string, string>> = {
  'first page': '',
  'the oldest first': '?sort=oldest',
  'an event': '?event=sign-in.failed',
  'a rare event': '?event=ssh-key.added',
  'an event that never was': '?event=two-factor.reset',
  'a level': '?level=high',
  'a person': '?actor=adam',
  'a person and an event': '?actor=adam&event=sign-in.failed',
  'event and level': '?event=account.locked&level=middle',
  '24 hours': '?last=24h',
  '30 days': '?last=30d',
  'own days': '?from=2026-10-01&to=2026-10-31',
  'own days of an event': '?from=2026-10-01&to=2026-10-31&event=password.changed',
  'search: a name': '?q=adam',
  'search: a name that many share': '?q=an',
  'search: an event in words': '?q=locked',
  'search: an address': '?q=203.0.113.2',
  'search: a browser': '?q=firefox&within=details',
  'search: a detail that is nowhere': '?q=qwxyz&within=details',
  'search: nowhere, of an event': '?q=qwxyz&event=sign-in.succeeded',
};

const folder = options.data ?? mkdtempSync(join(tmpdir(), 'gatehouse-log-'));
const settings = { DATA_DIR: join(folder, 'data'), DATABASE_URL: options.database };
const visitorOf = async ({ url }: Program): Promise<Visitor> => {
  const visitor = new Visitor(url);
  const typed = { organization: 'acme', username: 'olivia', password: PASSWORD };
  const { status } = await visitor.submit('/login', typed);
  if (status !== 303) throw new Error(`olivia could not sign in: ${status}`);
  return visitor;
};

try {
  if (options.data === undefined) {
    const made = ['demo', '--password', PASSWORD, '--users', options.users, '--events', options.events];
    report('made', `in ${await seconds(() => gatehouse(settings, ...made))} s`);
  }
  const portal = await startPortal(settings);
  try {
    const olivia = await visitorOf(portal);
    await measurePages(olivia);
    for (const format of ['csv', 'jsonl']) await measureExport(portal, olivia, format);
    await measureVerification(portal, olivia);
  } finally {
    await portal.stop();
  }
  report('log verify', `in ${await seconds(() => gatehouse(settings, 'log', 'verify', 'acme'))} s`);
  await measureArchive();
} finally {
  if (options.data === undefined) rmSync(folder, { recursive: true, force: true });
}

async function measurePages(olivia: Visitor): Promise<void> {
  for (const [what, query] of Object.entries(PAGES)) {
    const times = await timesOf(() => olivia.get(LOG + query), Number(options.rounds));
    report(what, `${median(times)} ms, at most ${Math.max(...times)}`);
  }
}

async function timesOf(get: () => Promise<{ status: number }>, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const { status } = await get();
    if (status !== 200) throw new Error(`A page was answered with ${status}.`);
    times.push(Math.round(performance.now() - began));
  }
  return times;
}

// Read as fast as it comes, and the memory of the portal looked at five times a second.
async function measureExport(portal: Program, olivia: Visitor, format: string): Promise<void> {
  const memory = watchMemory(portal.pid);
  let bytes = 0;
  let lines = 0;
  const took = await seconds(async () => {
    const headers = { cookie: olivia.cookieHeader() };
    const answer = await fetch(`${portal.url}${LOG}/export.${format}`, { headers });
    if (!answer.ok || !answer.body) throw new Error(`The export was answered with ${answer.status}.`);
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) lines += 1;
    }
  });
  const megabytes = Math.round(bytes / 1e6);
  report(`export ${format}`, `${lines} lines, ${megabytes} MB in ${took} s, ${memory()}`);
}

async function measureVerification(portal: Program, olivia: Visitor): Promise<void> {
  const places = new Set<string>();
  const pages: number[] = [];
  const took = await seconds(async () => {
    const { status } = await olivia.submit(LOG, {}, `${LOG}/verification`);
    if (status !== 303) throw new Error(`Verify was answered with ${status}.`);
    for (;;) {
      const [time = 0] = await timesOf(() => olivia.get(LOG), 1);
      pages.push(time);
      const { text } = await olivia.get(LOG);
      const [, seq] = /([\d,]+) of [\d,]+ rows/.exec(text) ?? [];
      if (seq === undefined && places.size > 0) return;
      if (seq !== undefined) places.add(seq);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });
  report('Verify in the page', `in ${took} s, seen at ${places.size} places; pages meanwhile ${median(pages)} ms`);
  report('memory after all of it', `${residentMegabytes(portal.pid)} MB`);
}

// As in two years, when all of it is old enough.
async function measureArchive(): Promise<void> {
  gatehouse(settings, 'log', 'checkpoint', 'acme');
  const services = await openServices(loadConfig(settings), createLog('silent'));
  const later = { ...services, clock: { now: () => Date.now() + 730 * DAY } };
  const acme = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
  await SecurityPolicy.update({ logRetentionDays: 365 }, { where: { tenantId: acme.id } });
  const memory = watchMemory(process.pid);
  let path = '';
  const took = await seconds(async () => {
    const context = contextWithoutRequest(later, COMMAND_LINE, 'cli', inContext(acme)) as TenantContext;
    path = (await archiveLog(context, join(folder, 'archives')))?.path ?? '';
  });
  const remembered = memory();
  await services.database.close();
  const size = Math.round(statSync(path).size / 1e6);
  report('log archive', `${size} MB in ${took} s, ${remembered}`);
  report('log verify --file', `in ${await seconds(() => gatehouse(settings, 'log', 'verify', '--file', path))} s`);
  report('log verify, of what is left', `in ${await seconds(() => gatehouse(settings, 'log', 'verify', 'acme'))} s`);
}

async function seconds(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round((performance.now() - began) / 100) / 10;
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(36)} ${figure}\n`);
}
