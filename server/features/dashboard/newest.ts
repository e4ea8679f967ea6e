import type { Row } from '#models/database.js';
import type { Question } from '#models/question.js';
import type { Level } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { timesOf } from '#server/trace/details.js';
import { isEventName, countedLabel } from '#server/trace/events.js';

/** One event, or several of one kind by one person in a day. */
export interface Line {
  label: string;
  level: Level;
  /** When the newest of them happened. */
  at: number;
  /** Who did it, by the name of today. */
  by: string;
  /** Whom it is about, when that is one other person who is still here. */
  about: string | null;
  href: string;
}

/** How many lines are shown, and among how many rows they are gathered. */
const SHOWN = 8;
const LOOKED_AT = 100;

// Each level in the order of its index, then the newest of both: by date, as the log is read.
const ROWS = (level: Level): string =>
  `SELECT * FROM (SELECT id, seq, at, event, level, door, actor_id, actor_tenant_id, target_id, details FROM security_events
   WHERE tenant_id = $1 AND level = '${level}' ORDER BY at DESC, seq DESC LIMIT ${LOOKED_AT}) AS ${level}_rows`;
const NAME = (id: string): string => `(SELECT u.name FROM users u WHERE u.tenant_id = $1 AND u.id = ${id})`;
const COLUMNS = [
  'id',
  'at',
  'event',
  'level',
  'door',
  'actor_id',
  'actor_tenant_id',
  'target_id',
  'details',
  'actor',
  'target',
];
const SQL = `
SELECT id, at, event, level, door, actor_id, actor_tenant_id, target_id, details, ${NAME('e.actor_id')} AS actor, ${NAME('e.target_id')} AS target
FROM (${ROWS('high')} UNION ALL ${ROWS('middle')}) AS e ORDER BY at DESC, seq DESC LIMIT ${LOOKED_AT}`;

/** The newest events that somebody should look at, gathered into lines. */
export function newest({ tenant }: TenantContext): Question<Line[]> {
  return {
    columns: COLUMNS,
    sql: SQL,
    bind: [tenant.id],
    answer(rows) {
      const oldest = rows.length < LOOKED_AT ? -1 : dayOf(rows.at(-1) ?? {});
      return gathered(rows)
        .slice(0, SHOWN)
        .map((group) => lineOf(group, tenant.id, dayOf(group[0] ?? {}) === oldest));
    },
  };
}

/** What one person did of one kind by one way in a day, of UTC, stands together, where the newest of it does. */
function gathered(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const same = groups.find(
      ([first = {}]) =>
        first['event'] === row['event'] &&
        first['actor_id'] === row['actor_id'] &&
        first['door'] === row['door'] &&
        dayOf(first) === dayOf(row),
    );
    if (same) same.push(row);
    else groups.push([row]);
  }
  return groups;
}

// Of the oldest day that was looked at there may be more than was seen.
function lineOf(group: readonly Row[], tenantId: string, more: boolean): Line {
  const [first = {}] = group;
  const event = String(first['event']);
  const alone = group.length === 1;
  const times = group.reduce((sum, { details }) => sum + timesOf(details), 0);
  const actor = first['actor_id'] ?? null;
  const other = first['target_id'] !== actor && first['target'] !== null;
  return {
    label: `${!isEventName(event) ? event : countedLabel(event, times)}${more && !alone ? ', or more' : ''}`,
    level: first['level'] as Level,
    at: Number(first['at']),
    by: actorOf(first, tenantId),
    about: alone && other ? String(first['target']) : null,
    href: alone ? `/admin/security-log/${String(first['id'])}` : listOf(first),
  };
}

/** The very rows of a group, as the log lists them. */
function listOf({ event, actor_id: actor, door, at }: Row): string {
  const day = new Date(Number(at)).toISOString().slice(0, 10);
  const who = actor === null ? '' : `&actor=${String(actor)}`;
  return `/admin/security-log?event=${String(event)}${who}&door=${String(door)}&from=${day}&to=${day}&days=utc`;
}

function dayOf({ at }: Row): number {
  return Math.floor(Number(at) / DAY);
}

function actorOf({ actor_id: id, actor_tenant_id: home, door, actor }: Row, tenantId: string): string {
  if (id === null)
    return door === 'cli' ? 'the command line' : door === 'job' ? 'Gatehouse itself' : 'somebody unknown';
  if (home !== null && home !== tenantId) return 'an operator';
  return actor === null ? 'a deleted account' : String(actor);
}
