import { parseArgs } from 'node:util';
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { loadConfig } from '#server/config.js';
import { createLog } from '#server/lib/log.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { openServices } from '#server/services.js';
import { fill } from './fill.js';
import { median } from './load.js';
import { looksAt, type Looks } from './looks.js';
import { apiKeysOf, cookiesOf } from './people.js';
import { inPlaces, type Place } from './place.js';
import {
  gatehouse,
  mailsSent,
  mainThreadTime,
  PASSWORD,
  processorTime,
  startPortal,
  type Program,
} from './programs.js';

// Every list, overview and check-up, by page and by call, of few and of many, one at a time and in turn. A call is for as many
// rows as there are among few, so that what is compared is to find them:
// npx tsx bench/lists.ts [--users 100000] [--events 1000000] [--rounds 9] [--only users] [--few DIR[,URL] --many DIR[,URL]]

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string', default: '' },
    few: { type: 'string' },
    many: { type: 'string' },
  },
});

/** The lists whose calls say how many rows are wanted, where these do not. */
const LIMITED = /^\/api\/v1\/(?:users|credentials|security-log|mail)(?: (?!limit)|$)/;

await inPlaces(async (newPlace) => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_ROOT, stdio: 'inherit' });
  const few = options.few === undefined ? await made(await newPlace('few'), '100', '1000') : placeOf(options.few);
  const many =
    options.many === undefined
      ? await made(await newPlace('many'), options.users, options.events)
      : placeOf(options.many);
  const sides = { few: await opened(few), many: await opened(many) };
  try {
    process.stdout.write(`load before ${loadavg()[0]?.toFixed(1) ?? ''}\n`);
    for (const what of ['pages', 'calls'] as const) await measure(what, sides);
  } finally {
    await Promise.all([sides.few.portal.stop(), sides.many.portal.stop()]);
  }
});

/** A place that is there already: its folder, and the address of its database if that is none of its files. */
function placeOf(said: string): Place {
  const [folder = '', url] = said.split(',');
  return { DATA_DIR: folder, ...(url === undefined ? {} : { DATABASE_URL: url }) };
}

async function made(place: Place, users: string, events: string): Promise<Place> {
  gatehouse(place, 'demo', '--password', PASSWORD, '--users', users, '--events', events);
  await fill(place);
  return place;
}

interface Side {
  portal: Program;
  pages: Looks;
  calls: Looks;
  headers: { pages: Record<string, string>; calls: Record<string, string> };
}

async function opened(place: Place): Promise<Side> {
  const services = await openServices(loadConfig(place), createLog('silent'));
  const looks = await looksAt();
  await services.database.close();
  const portal = await startPortal(place);
  const pages = await cookiesOf(portal.url, 'acme', 'olivia');
  const [calls = {}] = await apiKeysOf(portal.url, ['olivia']);
  await mailsSent(portal);
  return { portal, ...looks, headers: { pages, calls } };
}

async function measure(what: 'pages' | 'calls', { few, many }: Record<'few' | 'many', Side>): Promise<void> {
  for (const name of Object.keys(few[what]).filter((one) => one.includes(options.only))) {
    const times = { few: [] as number[], many: [] as number[] };
    const rows = what === 'calls' && LIMITED.test(name) ? await rowsOf(few, few.calls[name] ?? '') : null;
    const cost = { all: 0, main: 0 };
    for (let round = 0; round <= Number(options.rounds); round += 1)
      for (const [key, side] of Object.entries({ few, many }) as [keyof typeof times, Side][]) {
        const before = [processorTime(side.portal.pid), mainThreadTime(side.portal.pid)] as const;
        const path = side[what][name] ?? '';
        const { time } = await asked(side, what, rows === null ? path : limitedTo(path, rows));
        // Of the first, statements are prepared.
        if (round > 0) times[key].push(time);
        if (round > 0 && key === 'many') {
          cost.all += processorTime(side.portal.pid) - before[0];
          cost.main += mainThreadTime(side.portal.pid) - before[1];
        }
      }
    const [little, much] = [median(times.few), median(times.many)];
    const each = (sum: number): string => (sum / 1000 / Number(options.rounds)).toFixed(1);
    const figures = [
      `${little.toFixed(1)} · ${much.toFixed(1)} ms`,
      `quickest ${Math.min(...times.many).toFixed(1)}`,
      `ratio ${(little / much).toFixed(2)}`,
      `processor ${each(cost.all)} (${each(cost.main)}) ms`,
    ];
    process.stdout.write(`${name.padEnd(64)} ${figures.join(', ')}${rows === null ? '' : `, of ${rows}`}\n`);
  }
}

function limitedTo(path: string, rows: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}limit=${Math.max(rows, 1)}`;
}

async function rowsOf(side: Side, path: string): Promise<number> {
  const { body } = await asked(side, 'calls', path);
  return (JSON.parse(body) as { data: unknown[] }).data.length;
}

/** What was answered, and after how many milliseconds; who asks too often waits. */
async function asked(
  { portal, headers }: Side,
  what: 'pages' | 'calls',
  path: string,
): Promise<{ time: number; body: string }> {
  for (;;) {
    const began = performance.now();
    const answer = await fetch(portal.url + path, { headers: headers[what], redirect: 'manual' });
    const body = await answer.text();
    const time = performance.now() - began;
    if (answer.ok) return { time, body };
    if (answer.status !== 429) throw new Error(`${path} was answered with ${answer.status}.`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after') ?? 1)));
  }
}
