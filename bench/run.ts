import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { extra } from '#models/seeds/demo.js';
import { createPasswordHasher } from '#server/lib/password-hash.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { profileBurst, signInBurst } from './burst.js';
import { alternately, halfWithin, inRounds, measured, median, type Measured } from './load.js';
import { apiKeysOf, cookiesOf, rateOf } from './people.js';
import { inPlaces, sizesKnown, type Place } from './place.js';
import { gatehouse, mailsSent, PASSWORD, residentMegabytes, startBare, startPortal, type Program } from './programs.js';
import { SignIns } from './sign-ins.js';
import { measureLists } from './size.js';

const PEOPLE = 200;
const usernames = Array.from({ length: PEOPLE }, (_, at) => extra(at).username);

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);

await inPlaces(async (newPlace, folder) => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  report('machine', `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`);
  report(
    'load before',
    loadavg()
      .map((one) => one.toFixed(1))
      .join(' '),
  );
  const place = await newPlace('data');
  report('database', 'DATABASE_URL' in place ? 'PostgreSQL' : 'SQLite');
  gatehouse(place, 'demo', '--password', PASSWORD, '--users', String(PEOPLE));
  await measureStart(place);
  const portal = await startPortal(place);
  try {
    await measurePages(portal, place, folder);
    await measureSignIns(portal);
    await measureBursts(portal);
  } finally {
    await portal.stop();
  }
  if (options.size) await measureLists(newPlace, seconds, rounds, report);
});

async function measureStart(place: Place): Promise<void> {
  const starts: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const portal = await startPortal(place);
    starts.push(portal.startMs);
    if (round === 4) {
      const idle: string[] = [];
      for (const seconds of [5, 55]) {
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        idle.push(`${residentMegabytes(portal.pid)} MB`);
      }
      report('memory, idle for 5 seconds, for a minute', idle.join(', '));
    }
    await portal.stop();
  }
  report('start to first page', `${median(starts)} ms (${starts.join(', ')})`);
}

async function measurePages(portal: Program, place: Place, folder: string): Promise<void> {
  const cookies = await cookiesOf(portal.url, 'acme', 'uma');
  const keys = await apiKeysOf(portal.url, usernames);
  const pageFile = await fetched(`${portal.url}/security`, cookies, join(folder, 'page.html'));
  const answerFile = await fetched(`${portal.url}/api/v1/me`, keys[0] ?? {}, join(folder, 'me.json'));
  const bare = await startBare(pageFile, answerFile);
  // The first use of a key is noted, and of some a mail is sent: a call is what comes after it.
  for (const headers of keys) await fetch(`${portal.url}/api/v1/me`, { headers });
  await mailsSent(portal);
  await sizesKnown(place);
  report('size of the Security page', `${statSync(pageFile).size} bytes`);
  await reportLoads('Security page, signed in', 'bare Express and EJS, the same bytes', {
    ours: () => measured(portal, '/security', [cookies], seconds),
    bare: () => measured(bare, '/login', [{}], seconds),
  });
  await reportLoads('GET /api/v1/me with an API key', 'bare Express and JSON, the same values', {
    ours: () => measured(portal, '/api/v1/me', keys, seconds),
    bare: () => measured(bare, '/me', [{}], seconds),
  });
  const alone = await alternately(
    {
      page: () => halfWithin(portal, '/security', [cookies]),
      barePage: () => halfWithin(bare, '/login', [{}]),
      call: () => halfWithin(portal, '/api/v1/me', keys),
      bareCall: () => halfWithin(bare, '/me', [{}]),
    },
    rounds,
  );
  report(
    'one connection, half within',
    `page ${alone.page} ms (bare ${alone.barePage}), call ${alone.call} ms (bare ${alone.bareCall})`,
  );
  await bare.stop();
  report('memory after this load', `${residentMegabytes(portal.pid)} MB`);
}

async function reportLoads(
  ours: string,
  beside: string,
  runs: { ours: () => Promise<Measured>; bare: () => Promise<Measured> },
): Promise<void> {
  const found = await inRounds(runs, rounds);
  for (const [what, { rate, cost }] of [
    [ours, found.ours],
    [beside, found.bare],
  ] as const)
    report(what, `${rate} a second, ${Math.round(cost)} µs of processor each`);
  const byCost = found.bare.cost / found.ours.cost;
  report('ratio', `${(found.ours.rate / found.bare.rate).toFixed(2)}, by processor time ${byCost.toFixed(2)}`);
}

/** The file into which an answer has been written. */
async function fetched(url: string, headers: Record<string, string>, file: string): Promise<string> {
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  writeFileSync(file, await answer.text());
  return file;
}

async function measureSignIns(portal: Program): Promise<void> {
  const hasher = createPasswordHasher({ queue: 1000 });
  const hash = await hasher.hash(PASSWORD);
  const [known, unknown] = [new SignIns(portal, true), new SignIns(portal, false)];
  const signedIn = async (signIns: SignIns): Promise<number> => {
    for (const username of usernames.slice(0, PEOPLE / 2))
      await signIns.fillIn(username, () => ({
        path: '/login',
        fields: { organization: 'acme', username, password: PASSWORD },
      }));
    return Math.round((await signIns.send()).rate * 10) / 10;
  };
  // Once for browsers to become known.
  await signedIn(known);
  const found = await alternately(
    {
      known: () => signedIn(known),
      bare: () => rateOf(() => hasher.verify(hash, PASSWORD), 10, seconds),
      unknown: () => signedIn(unknown),
    },
    Math.min(rounds, 3),
  );
  reportBoth('sign-ins', found.known, 'bare argon2id, the same parameters', found.bare);
  report('sign-ins from new browsers', `${found.unknown} a second, ${(found.unknown / found.bare).toFixed(2)}`);
}

async function measureBursts(portal: Program): Promise<void> {
  const signIns = await signInBurst(portal.url, usernames.slice(0, 50));
  report('50 sign-ins at once', `${JSON.stringify(signIns.statuses)}, the slowest after ${signIns.slowestMs} ms`);
  const writes = await profileBurst(portal.url, usernames.slice(50, 100));
  report('50 profiles written at once', `${JSON.stringify(writes.statuses)}, the slowest after ${writes.slowestMs} ms`);
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(48)} ${figure}\n`);
}

function reportBoth(what: string, ours: number, beside: string, bare: number): void {
  report(what, `${ours} a second`);
  report(beside, `${bare} a second`);
  report('ratio', (ours / bare).toFixed(2));
}
