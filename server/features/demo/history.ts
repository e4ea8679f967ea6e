import { DAY, HOUR } from '#server/lib/clock.js';
import { describeClient, type ClientDescription } from '#server/lib/client.js';
import type { EventName } from '#server/trace/events.js';
import type { PastHappening } from '#server/trace/record.js';
import type { Colleague } from './crowd.js';

const DAYS = 90;
/** How many days ago somebody tried passwords at many accounts, and how much more went on then. */
const BAD_DAYS: readonly (readonly [daysAgo: number, times: number])[] = [
  [64, 3],
  [23, 5],
  [22, 2],
  [6, 3],
];

const MOZILLA = 'Mozilla/5.0';
const AGENTS = [
  `${MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0`,
  `${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`,
  `${MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0`,
  `${MOZILLA} (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1`,
  `${MOZILLA} (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36`,
].map((agent) => describeClient({ 'user-agent': agent }));
const STRANGER = describeClient({ 'user-agent': 'python-requests/2.32.3' });

/** What people do on a day at work, and how often of a hundred. */
const USUAL: readonly (readonly [EventName, number])[] = [
  ['sign-in.succeeded', 66],
  ['sign-out', 22],
  ['sign-in.failed', 6],
  ['session.ended', 2],
  ['profile.changed', 1],
  ['password.changed', 1],
  ['recovery-code.used', 1],
  ['ssh-key.added', 1],
];

/**
 * The last ninety days of an organisation, the oldest first: as many rows as are asked for, thick on working days, with the
 * days on which somebody guessed. The same for the same people and number. A part at a time: `from` a place, so many.
 */
export function historyOf(people: readonly Colleague[], now: number, total: number) {
  const there = people.filter(({ present }) => present);
  const hours = busyHours(now);
  const all = hours.at(-1)?.until ?? 0;
  let hour = 0;
  return (from: number, count: number): PastHappening[] =>
    there.length === 0
      ? []
      : Array.from({ length: count }, (_, index) => {
          const number = from + index;
          const place = ((number + 0.5) / total) * all;
          while (hour < hours.length - 1 && (hours[hour]?.until ?? all) < place) hour += 1;
          const { begins = now, until = all, weight = 1, bad = false } = hours[hour] ?? {};
          const at = Math.min(now - 1, Math.floor(begins + (1 - (until - place) / weight) * HOUR));
          return happening(there, number, at, bad);
        });
}

function happening(people: readonly Colleague[], number: number, at: number, bad: boolean): PastHappening {
  const chance = scatter(number);
  const person = people[Math.floor(scatter(number + 0.5) * people.length)];
  const id = person?.id ?? '';
  const target = { type: 'user' as const, id };
  if (bad && chance < 0.7) {
    const ip = `203.0.113.${1 + (number % 4)}`;
    const event = chance < 0.03 ? 'account.locked' : 'sign-in.failed';
    return { event, actorId: null, target, at, from: { door: 'web', ip, client: STRANGER } };
  }
  const place = Math.floor(scatter(number + 0.25) * people.length);
  return {
    event: usual(chance),
    actorId: id,
    target,
    at,
    from: { door: 'web', ip: `192.0.2.${10 + (place % 60)}`, client: clientOf(id) },
  };
}

function usual(chance: number): EventName {
  let left = chance * 100;
  for (const [event, share] of USUAL) if ((left -= share) < 0) return event;
  return 'sign-in.succeeded';
}

// Everybody has a browser of their own.
function clientOf(id: string): ClientDescription {
  return AGENTS[Number.parseInt(id.slice(-4), 16) % AGENTS.length] ?? STRANGER;
}

interface BusyHour {
  begins: number;
  weight: number;
  /** The weights so far, this one too. */
  until: number;
  bad: boolean;
}

function busyHours(now: number): BusyHour[] {
  let until = 0;
  return Array.from({ length: DAYS * 24 }, (_, index) => {
    const begins = now - DAYS * DAY + index * HOUR;
    const day = new Date(begins);
    const work = day.getUTCDay() % 6 !== 0 ? 1 : 0.15;
    const clock = day.getUTCHours();
    const awake = clock >= 7 && clock < 18 ? 1 : clock >= 5 && clock < 22 ? 0.25 : 0.03;
    const [, times = 0] = BAD_DAYS.find(([ago]) => ago === DAYS - 1 - Math.floor(index / 24)) ?? [];
    const weight = work * awake + times * 0.5;
    until += weight;
    return { begins, weight, until, bad: times > 0 };
  });
}

// A number from 0 to 1 that looks like chance, and is the same each time (a hash by multiplication).
function scatter(number: number): number {
  let mixed = Math.imul(Math.floor(number * 4) ^ 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
