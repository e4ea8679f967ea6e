import assert from 'node:assert/strict';
import { countAnew, miscounted } from '#models/user-counts.js';
import { clearCounters, contentsAgain, type Contents } from '../support/database.js';
import { beginSlowly, sendWhole, type Slow, type SlowAnswer } from '../support/slow-body.js';
import { asTheWriteBegins } from '../support/write-begins.js';
import type { Scene } from './authority-scene.js';

/** A refusal may leave these: rows of the log that tell of it, the heads of its chains, and a form that waits for its sender. */
const MAY_CHANGE = new Set(['security_log_heads', 'api_credential_addresses', 'kept_forms']);

/** The events of the log by which one can see that it was done. */
export type Done = ReadonlySet<string>;

/** Sends it slowly while nothing is taken away: it must be done, or what follows would be worth nothing. */
export async function isDone(scene: Scene, sent: Slow, reading: boolean): Promise<Done> {
  const { database, server, services } = scene.portal;
  // On PostgreSQL rows are put back past the triggers.
  if ((await miscounted(database)) > 0) await countAnew(database);
  const before = await contentsAgain(database);
  const begun = await beginSlowly(server, sent);
  const answer = await begun.finish();
  await services.aside.settled();
  assert.equal(await miscounted(database), 0, 'Other numbers are kept than there are.');
  const after = await contentsAgain(database);
  const about = `${answer.status} ${answer.location} ${answer.text.replace(/\s+/g, ' ').slice(-600)}`;
  assert.ok(answer.status >= 200 && answer.status < 400, `It was not done at all: ${about}`);
  assert.ok(reading || changesIn(before, after).length > 0, `It changed nothing at all: ${about}`);
  return new Set(newEvents(before, after));
}

/** What a refusal may leave: see `GoodForm`. */
export interface Left {
  news: readonly string[];
  spent: readonly string[];
}

/** When the authority is taken away: after the head and half of the body, or when all has been looked at and the write begins. */
export const MOMENTS = ['half-way', 'as the write begins'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Takes the authority away in the midst of it; gives what is wrong with what came of it, or null. */
export async function isNotDone(
  scene: Scene,
  sent: Slow,
  moment: Moment,
  take: () => Promise<unknown>,
  done: Done,
  { news, spent }: Left = { news: [], spent: [] },
): Promise<string | null> {
  const { database, server, services } = scene.portal;
  let before: Contents = {};
  const takeNow = async (): Promise<void> => {
    await take();
    before = await contentsAgain(database);
  };
  const begun = await beginSlowly(server, sent);
  const hasBegun = moment === 'half-way' ? null : asTheWriteBegins(database, takeNow);
  if (!hasBegun) await takeNow();
  const answer = await begun.finish();
  await services.aside.settled();
  // What writes nothing is not caught by it.
  if (hasBegun?.() === false) return null;
  const after = await contentsAgain(database);
  const allowed = new Set(['security_events', ...news, ...(hasBegun ? spent : [])]);
  const changed = changesIn(before, after, allowed);
  const told = newEvents(before, after).filter((event) => done.has(event) && !allowed.has(event));
  if (changed.length + told.length > 0) return `it changed ${[...changed, ...told].join(', ')} (${answer.status})`;
  // What has changed at the very moment may be said so; else the answer is that of the next request.
  if (hasBegun && isRefusal(answer)) return null;
  await clearCounters(database);
  const next = await sendWhole(server, sent);
  if (next.status !== answer.status || placeOf(next) !== placeOf(answer))
    return `it is answered ${answer.status} ${answer.location}, and the next one ${next.status} ${next.location}`;
  return null;
}

// Each form that waits has an id of its own.
function placeOf({ location }: { location: string }): string {
  return location.replace(/(?<=kept%3Fid%3D)[\w-]{36}/, '…');
}

function isRefusal({ status, location }: SlowAnswer): boolean {
  return status >= 400 || location.startsWith('/login');
}

function changesIn(before: Contents, after: Contents, allowed: ReadonlySet<string> = new Set()): string[] {
  return Object.keys(after).filter(
    (table) =>
      !MAY_CHANGE.has(table) &&
      !allowed.has(table) &&
      after[table] !== before[table] &&
      withoutUse(after[table]) !== withoutUse(before[table]),
  );
}

// That a credential was used is noted also where what it asks for is refused: it was used.
function withoutUse(rows: readonly string[] = []): string {
  return rows.map((row) => row.replace(/"last_used_(at|ip)":("[^"]*"|\d+)/g, '"last_used_$1":null')).join('\n');
}

function newEvents(before: Contents, after: Contents): string[] {
  const known = new Set(before['security_events']);
  return (after['security_events'] ?? [])
    .filter((row) => !known.has(row))
    .map((row) => String((JSON.parse(row) as Record<string, unknown>)['event']));
}
