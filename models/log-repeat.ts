import type { Door } from '#policies/enumerations.js';
import type { Database, Row } from './database.js';
import { readInTransaction } from './transaction.js';

/** What the log is told of again and again, within a minute by the same: what all of it has in common. */
export interface Repeated {
  tenantId: string;
  event: string;
  door: Door;
  actorId: string | null;
  actorTenantId: string | null;
  targetId: string | null;
  /** As JSON. */
  details: string;
  ip: string | null;
  client: string | null;
}

/** How often it happened beside the first time, which has a row of its own. */
export interface Repeats extends Repeated, Counted {}

/** So often it happened, first and last then. */
export interface Counted {
  times: number;
  firstAt: number;
  lastAt: number;
}

/** A minute, and by how much clocks of several machines may differ: what ends later was begun while the clock was ahead. */
const LONGEST = 120_000;

const TIME = (bind: string): string => `CAST(${bind} AS BIGINT)`;
const MORE = `times = log_repeats.times + 1, last_at = ${TIME('$2')},
  first_at = CASE WHEN log_repeats.times = 0 THEN ${TIME('$2')} ELSE log_repeats.first_at END`;
const COUNT = `/* count */ UPDATE log_repeats SET ${MORE} WHERE key = $1 AND ends_at > ${TIME('$2')}
  AND ends_at <= ${TIME('$2')} + ${LONGEST} RETURNING times`;
// Of two that are the first at the same moment, one waits here for the other, and counts.
const BEGIN = `/* begin */
INSERT INTO log_repeats (key, ends_at, times, first_at, last_at, tenant_id, event, door, actor_id, actor_tenant_id,
  target_id, details, ip, client)
VALUES ($1, ${TIME('$3')}, 0, ${TIME('$2')}, ${TIME('$2')}, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (key) DO UPDATE SET ${MORE} RETURNING times`;
const ADD = `/* add */
INSERT INTO log_repeats (key, ends_at, times, first_at, last_at, tenant_id, event, door, actor_id, actor_tenant_id,
  target_id, details, ip, client)
VALUES ($1, ${TIME('$2')}, $3, ${TIME('$4')}, ${TIME('$5')}, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (key) DO UPDATE SET times = log_repeats.times + EXCLUDED.times, last_at = EXCLUDED.last_at,
  first_at = CASE WHEN log_repeats.times = 0 THEN EXCLUDED.first_at ELSE log_repeats.first_at END`;
const TAKE = `/* take */ DELETE FROM log_repeats WHERE key = $1
  AND (ends_at <= ${TIME('$2')} OR ends_at > ${TIME('$2')} + ${LONGEST}) RETURNING *`;
const OVER = `SELECT key FROM log_repeats WHERE ends_at <= ${TIME('$1')} OR ends_at > ${TIME('$1')} + ${LONGEST}
  ORDER BY ends_at LIMIT 500`;

/**
 * Counts that it happened. True where a minute runs in which it did before; else one begins, and what is over must have been
 * taken. Inside the transaction of what is written of it.
 */
export async function countRepeat(
  key: string,
  repeated: Repeated,
  { now, endsAt }: { now: number; endsAt: number },
): Promise<boolean> {
  if ((await readInTransaction(COUNT, [key, now])).length > 0) return true;
  const [row] = await readInTransaction(BEGIN, [key, now, endsAt, ...bindsOf(repeated)]);
  return Number(row?.['times']) > 0;
}

/** Adds what was counted elsewhere to the minute that runs, or begins one with it; what is over must have been taken. */
export async function addRepeats(
  key: string,
  repeated: Repeated,
  { times, firstAt, lastAt }: Counted,
  endsAt: number,
): Promise<void> {
  await readInTransaction(ADD, [key, endsAt, times, firstAt, lastAt, ...bindsOf(repeated)]);
}

/** Takes what was counted under this key, where its minute is over: for the one who does, in whose transaction it is written. */
export async function takeRepeats(key: string, now: number): Promise<Repeats | null> {
  const [row] = await readInTransaction(TAKE, [key, now]);
  return row && Number(row['times']) > 0 ? asRepeats(row) : null;
}

/** The keys of what is over. */
export async function repeatsOver({ read }: Database, now: number): Promise<string[]> {
  return (await read(OVER, [now])).map(({ key }) => String(key));
}

function bindsOf({ tenantId, event, door, actorId, actorTenantId, targetId, details, ip, client }: Repeated) {
  return [tenantId, event, door, actorId, actorTenantId, targetId, details, ip, client];
}

function asRepeats(row: Row): Repeats {
  const text = (column: string): string | null => (row[column] === null ? null : String(row[column]));
  return {
    tenantId: String(row['tenant_id']),
    event: String(row['event']),
    door: row['door'] as Door,
    actorId: text('actor_id'),
    actorTenantId: text('actor_tenant_id'),
    targetId: text('target_id'),
    details: String(row['details']),
    ip: text('ip'),
    client: text('client'),
    times: Number(row['times']),
    firstAt: Number(row['first_at']),
    lastAt: Number(row['last_at']),
  };
}
