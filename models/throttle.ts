import type { Database, Row } from './database.js';

/** How many failures lead to a block, and how long it lasts: each further block doubles it. Times in milliseconds. */
export interface Limit {
  failures: number;
  windowMs: number;
  blockMs: number;
  longestBlockMs: number;
}

export interface Counter {
  points: number;
  /** 0 when the window has passed. */
  windowEndsAt: number;
  /** 0 while not blocked. */
  blockedUntil: number;
}

/** No limit blocks for longer. What a counter says of a time further off was written while the clock was ahead. */
export const LONGEST_BLOCK = 24 * 3_600_000;

/** By so much the clocks of several machines may differ. */
const APART = 60_000;

const NOW = 'CAST($2 AS BIGINT)';
const WINDOW = 'CAST($3 AS BIGINT)';
const FAILURES = 'CAST($4 AS INTEGER)';
const BLOCK =
  '(CAST($5 AS BIGINT) * (CAST(1 AS BIGINT) << CASE WHEN throttles.blocks > 10 THEN 10 ELSE throttles.blocks END))';
const LONGEST = 'CAST($6 AS BIGINT)';
const OVER = `throttles.window_ends_at <= ${NOW}`;
const FULL = `throttles.points + 1 >= ${FAILURES}`;
const BLOCKED = `(throttles.blocked_until > ${NOW} AND throttles.blocked_until <= ${NOW} + ${LONGEST_BLOCK + APART})`;
const AHEAD = `throttles.window_ends_at > ${NOW} + ${WINDOW} + ${APART}`;

// One statement each, so that any number of processes counts right. A window that a clock put too far ahead comes to its end
// in its time from now, with all that it has counted.
const COUNT = `INSERT INTO throttles (key, points, window_ends_at, blocked_until, blocks) VALUES ($1, 1, ${NOW} + ${WINDOW}, 0, 0)
ON CONFLICT (key) DO UPDATE SET
  points = CASE WHEN ${OVER} THEN 1 ELSE throttles.points + 1 END,
  window_ends_at = CASE WHEN ${OVER} OR ${AHEAD} THEN ${NOW} + ${WINDOW} ELSE throttles.window_ends_at END
RETURNING points, window_ends_at, blocked_until`;

// A block starts the count again and is remembered until the window, which begins anew with each failure, has passed.
// Who comes while it lasts, having looked before it began, neither lengthens it nor begins another.
const PUNISH = `INSERT INTO throttles (key, points, window_ends_at, blocked_until, blocks) VALUES ($1, 1, ${NOW} + ${WINDOW}, 0, 0)
ON CONFLICT (key) DO UPDATE SET
  points = CASE WHEN ${OVER} OR ${BLOCKED} THEN 1 WHEN ${FULL} THEN 0 ELSE throttles.points + 1 END,
  blocked_until = CASE WHEN ${OVER} OR ${BLOCKED} OR NOT ${FULL} THEN CASE WHEN ${BLOCKED} THEN throttles.blocked_until ELSE 0 END
    WHEN ${BLOCK} > ${LONGEST} THEN ${NOW} + ${LONGEST} ELSE ${NOW} + ${BLOCK} END,
  blocks = CASE WHEN ${OVER} THEN 0 WHEN ${BLOCKED} THEN throttles.blocks WHEN ${FULL} THEN throttles.blocks + 1 ELSE throttles.blocks END,
  window_ends_at = ${NOW} + ${WINDOW}
RETURNING points, window_ends_at, blocked_until`;

const LOOK = 'SELECT points, window_ends_at, blocked_until FROM throttles WHERE key = $1';

const LOOK_AT_ALL = 'SELECT key, points, window_ends_at, blocked_until FROM throttles WHERE key IN';

/** The counter as it stands. */
export async function lookAtThrottle(database: Database, key: string, now: number): Promise<Counter> {
  return asCounter(await database.read(LOOK, [key]), now);
}

/** Several as they stand, in one read and in their order; with `windowMs` one of a window that cannot have begun yet is empty. */
export async function lookAtThrottles(
  database: Database,
  keys: readonly string[],
  now: number,
  windowMs = Infinity,
): Promise<Counter[]> {
  const places = keys.map((_key, at) => `$${at + 1}`).join(', ');
  const rows = await database.read(`${LOOK_AT_ALL} (${places})`, keys);
  return keys.map((key) => counterIn(rows, key, now, windowMs));
}

/** What is looked at before a proof: two counters, and whether there is anything to forget once it is right. */
export interface BeforeProof {
  own: Counter;
  other: Counter;
  counted: boolean;
}

const LOOK_BEFORE = `SELECT CAST($1 AS TEXT) AS asked_for, key, points, window_ends_at, blocked_until
FROM throttles
WHERE key IN ($1, $4) OR (key >= $2 AND key < $3)`;

/** The counter that a proof stands on with those below it, and another, in one read. */
export async function lookBeforeProof(
  database: Database,
  { own, other }: { own: string; other: string },
  now: number,
): Promise<BeforeProof> {
  const rows = await database.readTogether(LOOK_BEFORE, [...below(own), other]);
  const counted = rows.some(({ key }) => key !== other || other === own);
  return { own: counterIn(rows, own, now), other: counterIn(rows, other, now), counted };
}

/** Counts one point in a fixed window, at once and outside any transaction: what is rolled back keeps its count. */
export async function countThrottle(database: Database, key: string, windowMs: number, now: number): Promise<Counter> {
  return asCounter(await database.write(COUNT, [key, now, windowMs]), now);
}

/** Counts one failure; the last that the limit allows starts the block. Exactly one caller sees a block begin (points 0). */
export async function punishThrottle(database: Database, key: string, limit: Limit, now: number): Promise<Counter> {
  const bind = [key, now, limit.windowMs, limit.failures, limit.blockMs, limit.longestBlockMs];
  return asCounter(await database.write(PUNISH, bind), now);
}

/** Forgets a counter and those below it (`key/…`), as a good sign-in, an unlock or a password reset does. */
export async function clearThrottles(database: Database, key: string): Promise<void> {
  // There hardly ever is one, and a look is cheaper than a write.
  if ((await database.read(`SELECT key FROM throttles WHERE ${OR_BELOW} LIMIT 1`, below(key))).length === 0) return;
  await database.write(`DELETE FROM throttles WHERE ${OR_BELOW}`, below(key));
}

/** Ends the block of a counter and of those below it at once. That there was one is remembered, so that the next one is longer. */
export async function openThrottles(database: Database, key: string): Promise<void> {
  await database.write(
    `UPDATE throttles SET points = 0, blocked_until = 0 WHERE ${OR_BELOW} RETURNING key`,
    below(key),
  );
}

/** Until when a counter or one below it is blocked, whichever is longest; 0 when none is. */
export async function longestBlock(database: Database, key: string, now: number): Promise<number> {
  const sql = `SELECT MAX(blocked_until) AS blocked_until FROM throttles WHERE ${OR_BELOW}`;
  const [row] = await database.read(sql, below(key));
  const until = Number(row?.['blocked_until'] ?? 0);
  return isBlock(until, now) ? until : 0;
}

// '0' is the character after '/'.
const OR_BELOW = '(key = $1 OR (key >= $2 AND key < $3))';

function below(key: string): string[] {
  return [key, `${key}/`, `${key}0`];
}

/** Removes the counters that no longer say anything. */
export async function purgeThrottles(database: Database, now: number): Promise<void> {
  await database.write('DELETE FROM throttles WHERE window_ends_at <= $1 AND blocked_until <= $1', [now]);
}

function counterIn(rows: readonly Row[], key: string, now: number, windowMs?: number): Counter {
  return asCounter(
    rows.filter((row) => row['key'] === key),
    now,
    windowMs,
  );
}

function isBlock(until: number, now: number): boolean {
  return until > now && until <= now + LONGEST_BLOCK + APART;
}

function asCounter([row]: Row[], now: number, windowMs = Infinity): Counter {
  if (!row) return { points: 0, windowEndsAt: 0, blockedUntil: 0 };
  const blockedUntil = Number(row['blocked_until']);
  const windowEndsAt = Number(row['window_ends_at']);
  const open = windowEndsAt > now && windowEndsAt <= now + windowMs + APART;
  return {
    points: open ? Number(row['points']) : 0,
    windowEndsAt: open ? windowEndsAt : 0,
    blockedUntil: isBlock(blockedUntil, now) ? blockedUntil : 0,
  };
}
