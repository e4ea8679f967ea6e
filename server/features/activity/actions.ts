import type { Row } from '#models/database.js';
import { ask, askTogether, type Question } from '#models/question.js';
import type { Level } from '#policies/enumerations.js';
import type { UserContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import type { ClientDescription } from '#server/lib/client.js';
import { timesOf } from '#server/trace/details.js';
import { DISAVOWABLE_FOR, isDisavowable, isEventName, countedLabel } from '#server/trace/events.js';

export interface Activity {
  id: string;
  seq: number;
  at: number;
  event: string;
  label: string;
  level: Level;
  /** 'you', or who else did it: an administrator, somebody unknown. */
  by: 'you' | 'an administrator' | 'somebody unknown';
  ip: string | null;
  client: ClientDescription | null;
  /** True for what the user can still say they have not done. */
  disavowable: boolean;
}

const COLUMNS = ['id', 'seq', 'at', 'event', 'level', 'door', 'actor_id', 'ip', 'client', 'details'];
const LISTED = COLUMNS.join(', ');
const NEWEST = { at: Number.MAX_SAFE_INTEGER, seq: 0 };
const READ_ONE = `SELECT ${LISTED} FROM security_events WHERE tenant_id = $1 AND (actor_id = $2 OR target_id = $2) AND id = $3`;
const TIME = 'SELECT at FROM security_events WHERE tenant_id = $1 AND seq = $2';
// By the index of the event, of which there are few: the concatenation keeps SQLite from walking all about the user.
const SECURED = `SELECT MAX(seq) AS seq FROM security_events WHERE tenant_id = $1 AND target_id || '' = $2 AND event = 'activity.disavowed' AND at > $3`;

/** The user's own security events, newest first; `before` is the place (`seq`) to go on from. */
export async function listActivity(context: UserContext, limit: number, before?: number): Promise<Activity[]> {
  const { tenantId } = context.user;
  const { database } = context.services;
  const [last] = before === undefined ? [] : await database.read(TIME, [tenantId, before]);
  const from = last ? { at: Number(last['at']), seq: before ?? 0 } : NEWEST;
  const [done, suffered, securedAt] = await askTogether(database, [
    eventsOf(context, 'actor_id', limit, from),
    eventsOf(context, 'target_id', limit, from),
    lastSecured(context),
  ]);
  return activities(context, [done, suffered], securedAt, limit);
}

/**
 * The newest security events that the user did (`actor_id`) or that were done to them (`target_id`), each by its own
 * index; `activities` makes of both what a page shows.
 */
export function eventsOf(
  { user }: UserContext,
  side: 'actor_id' | 'target_id',
  limit: number,
  before = NEWEST,
): Question<Row[]> {
  return {
    columns: COLUMNS,
    sql: `SELECT ${LISTED} FROM security_events WHERE tenant_id = $1 AND ${side} = $2 AND (at, seq) < ($3, $4) ORDER BY at DESC, seq DESC LIMIT ${limit}`,
    bind: [user.tenantId, user.id, before.at, before.seq],
    answer: (rows) => rows,
  };
}

/** The newest `limit` of both sides, as a page shows them. `securedAt` is the answer to `lastSecured`. */
export function activities(
  context: UserContext,
  [done, suffered]: readonly [readonly Row[], readonly Row[]],
  securedAt: number,
  limit: number,
): Activity[] {
  // What somebody did to themselves is on both sides.
  return [...done, ...suffered.filter((row) => row['actor_id'] !== context.user.id)]
    .sort((one, other) => Number(other['at']) - Number(one['at']) || Number(other['seq']) - Number(one['seq']))
    .slice(0, limit)
    .map((row) => activityOf(context, row, securedAt));
}

/** One of the user's own security events; another's is not found. */
export async function findActivity(context: UserContext, eventId: string): Promise<Activity> {
  const { id, tenantId } = context.user;
  const [row] = await context.services.database.read(READ_ONE, [tenantId, id, eventId]);
  if (!row) throw new NotFound();
  return activityOf(context, row, await ask(context.services.database, lastSecured(context)));
}

/**
 * The place in the log at which the account was last secured: all that was before has been dealt with. Only as far back
 * as anything can be disavowed, so that it takes no longer in a long log.
 */
export function lastSecured({ user, now }: UserContext): Question<number> {
  return {
    columns: ['seq'],
    sql: SECURED,
    bind: [user.tenantId, user.id, now - DISAVOWABLE_FOR],
    answer: ([row]) => Number(row?.['seq'] ?? 0),
  };
}

function activityOf({ user, now }: UserContext, row: Row, securedAt: number): Activity {
  const event = String(row['event']);
  const seq = Number(row['seq']);
  const at = Number(row['at']);
  const by = authorOf(row, user.id);
  return {
    id: String(row['id']),
    seq,
    at,
    event,
    label: isEventName(event) ? countedLabel(event, timesOf(row['details'])) : event,
    level: row['level'] as Level,
    by,
    ip: row['ip'] === null ? null : String(row['ip']),
    client: row['client'] === null ? null : (JSON.parse(String(row['client'])) as ClientDescription | null),
    disavowable: isDisavowable(event) && by !== 'an administrator' && seq > securedAt && now - at < DISAVOWABLE_FOR,
  };
}

function authorOf(row: Row, userId: string): Activity['by'] {
  if (row['actor_id'] === userId) return 'you';
  return row['actor_id'] === null && row['door'] === 'web' ? 'somebody unknown' : 'an administrator';
}
