import { QueryTypes } from 'sequelize';
import { AnsweredForm } from '#models/answered-form.js';
import type { Bind } from '#models/database.js';
import { STEADY_MS } from '#policies/approval.js';
import { purgeThrottles } from '#models/throttle.js';
import { countAnew } from '#models/user-counts.js';
import type { Services } from '#server/context.js';
import { DAY, HOUR } from '#server/lib/clock.js';

const BATCH = 500;

// What refers to these goes with them. A session that has just ended keeps its row for a day: a request that was
// under way meets it, and not a gap that looks like nothing ever ended.
const PURGES: readonly { table: string; key?: string; most?: number; where: string; bind: (now: number) => Bind }[] = [
  { table: 'sessions', where: 'ended_at < $1 OR created_at < $2', bind: (now) => [now - DAY, now - 30 * DAY] },
  { table: 'challenges', where: 'created_at < $1', bind: (now) => [now - DAY] },
  { table: 'answered_forms', where: 'created_at < $1', bind: (now) => [now - DAY] },
  { table: 'passkey_challenges', key: 'hash', where: 'taken_at < $1', bind: (now) => [now - HOUR] },
  // Not a minute longer than their owner can put them back.
  { table: 'kept_factors', where: 'expires_at < $1', bind: (now) => [now] },
  { table: 'kept_forms', where: 'created_at < $1', bind: (now) => [now - HOUR] },
  { table: 'remembered_browsers', where: 'ended_at < $1 OR expires_at < $1', bind: (now) => [now - 30 * DAY] },
  // As long as its cookie lives.
  { table: 'known_browsers', key: 'browser_hash', where: 'last_used_at < $1', bind: (now) => [now - 400 * DAY] },
  { table: 'access_passes', where: 'used_at < $1 OR expires_at < $1', bind: (now) => [now - 30 * DAY] },
  { table: 'links', where: 'used_at < $1 OR expires_at < $1', bind: (now) => [now - 30 * DAY] },
  // Its owner sees an ended credential for 90 days; the security log keeps what there was to know.
  {
    table: 'api_credentials',
    where: 'revoked_at < $1 OR (revoked_at IS NULL AND expires_at < $1)',
    bind: (now) => [now - 180 * DAY],
  },
  { table: 'standing_moves', where: 'at < $1', bind: (now) => [now - STEADY_MS] },
  { table: 'approvals', where: `created_at < $1`, bind: (now) => [now - 180 * DAY] },
  // One at a time: each takes its rows with it, which may be many. A preview that nobody confirms is for a day.
  {
    table: 'user_jobs',
    most: 1,
    where: `created_at < $1 OR (created_at < $2 AND state = 'preview')`,
    bind: (now) => [now - 30 * DAY, now - DAY],
  },
  { table: 'checkup_postponements', key: 'item', where: 'ends_at < $1', bind: (now) => [now] },
  // Of a log that is no more; else it was written long before.
  { table: 'log_repeats', key: 'key', where: 'ends_at < $1', bind: (now) => [now - 30 * DAY] },
  { table: 'security_event_days', key: 'day', where: 'day < $1', bind: (now) => [Math.floor(now / DAY) - 400] },
  {
    table: 'outbox_messages',
    where: `(state = 'sent' AND sent_at < $1) OR (state = 'failed' AND created_at < $1)`,
    bind: (now) => [now - 90 * DAY],
  },
];

/** Removes what has no use any more, in batches small enough that nobody waits for one. Gives how many rows went. */
export async function purge(services: Services, stop?: AbortSignal): Promise<number> {
  const now = services.clock.now();
  await purgeThrottles(services.database, now);
  // That a form was answered is known for a day longer than what.
  await AnsweredForm.erase(now);
  await countAnew(services.database);
  let removed = 0;
  for (const { table, key = 'id', most = BATCH, where, bind } of PURGES) {
    const batch = `SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${most}`;
    const sql = `DELETE FROM ${table} WHERE (${where}) AND ${key} IN (${batch}) RETURNING ${key}`;
    for (let gone = most; gone >= most && !stop?.aborted; removed += gone) {
      const rows = await services.database.sequelize.query(sql, {
        bind: [...bind(now)],
        type: QueryTypes.SELECT,
        transaction: null,
      });
      gone = rows.length;
    }
  }
  return removed;
}
