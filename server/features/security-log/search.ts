import type { Database, Row } from '#models/database.js';
import type { Door, Level } from '#policies/enumerations.js';
import { COUNTED, countIn, counting, orderBy, values, walkOn, type Count, type Put } from '#models/paging.js';
import type { EventName } from '#server/trace/events.js';
import { textCheck, type Sought } from './text-check.js';

/** A place in the order of the log: by time, and within a millisecond by the place in the chain. */
export interface Place {
  at: number;
  seq: number;
}

export interface LogFilter {
  /** Done by this user, or done to them. */
  person?: string | undefined;
  event?: EventName | undefined;
  level?: Level | undefined;
  /** By which way it was done. */
  door?: Door | undefined;
  /** Any of these. */
  any?: readonly By[] | undefined;
  /** In what a row tells: its details, the names of these of them, any of these things, the browser, part of the address. */
  text?: Sought | undefined;
  /** From this millisecond on, and before that one. */
  from?: number | undefined;
  to?: number | undefined;
  sort: 'newest' | 'oldest';
  /** Go on behind this place. */
  after?: Place | undefined;
}

export interface Found {
  rows: Row[];
  /** Where to go on; null at the end. */
  next: Place | null;
  /** There may be more, but so many rows had to be looked at that the search stopped here, at this time. */
  stoppedAt: number | null;
}

/** How many rows a page holds, and how many are looked at for it at most. */
export const SIZES = { page: 50, window: 10_000 };

const COLUMNS =
  'id, seq, at, event, level, door, actor_id, actor_tenant_id, target_type, target_id, ip, client, details';

/**
 * One page of a tenant's log. It costs the same at a thousand rows and at a million: one filter walks its own index in
 * the order of the page, the other filters look at no more than a window of what that finds, and nothing is counted.
 */
export async function searchLog(
  database: Database,
  tenantId: string,
  filter: LogFilter,
  sizes = SIZES,
): Promise<Found> {
  const entries = walksOf(filter);
  // Many walks look at as much together as one.
  const window = Math.max(Math.min(sizes.window, 500), Math.ceil(sizes.window / entries.length));
  const walks = await Promise.all(
    entries.map((by) => walk(database, tenantId, filter, by, { page: sizes.page, window })),
  );
  const inOrder = (a: Place, b: Place): number => (a.at - b.at || a.seq - b.seq) * (filter.sort === 'oldest' ? 1 : -1);
  // Behind the first place where a walk had to stop, the others may know of rows that this one has not come to.
  const stop = walks.flatMap((one) => one.stop ?? []).sort(inOrder)[0] ?? null;
  const found = new Map(walks.flatMap(({ rows }) => rows).map((row) => [row['seq'], row]));
  const rows = [...found.values()]
    .filter((row) => stop === null || inOrder(placeOf(row), stop) <= 0)
    .sort((a, b) => inOrder(placeOf(a), placeOf(b)));
  const shown = rows.slice(0, sizes.page);
  const last = shown.at(-1);
  if (rows.length > sizes.page && last) return { rows: shown, next: placeOf(last), stoppedAt: null };
  return { rows, next: stop, stoppedAt: stop?.at ?? null };
}

/** A column that has an index, and what stands in it. */
export type By = readonly [column: 'actor_id' | 'target_id' | 'event' | 'level' | 'ip', value: string];

// The filter that leaves the fewest rows walks its index; for a person two do, of what they did and what was done to them.
function walksOf({ person, event, level, any }: LogFilter): (By | null)[] {
  if (person !== undefined)
    return [
      ['actor_id', person],
      ['target_id', person],
    ];
  if (any !== undefined && any.length > 0) return [...any];
  return [event !== undefined ? ['event', event] : level !== undefined ? ['level', level] : null];
}

// What one index leads to, in order, and what the other filters leave of that. `stop` is where it gave up.
async function walk(
  database: Database,
  tenantId: string,
  filter: LogFilter,
  by: By | null,
  { page, window }: typeof SIZES,
): Promise<{ rows: Row[]; stop: Place | null }> {
  const walked = { ...walkBy(database, tenantId, filter, by), columns: COLUMNS, limit: page, window };
  const { rows, stop } = await walkOn(database.read, walked);
  return { rows, stop: stop && { at: Number(stop[0]), seq: Number(stop[1]) } };
}

function walkBy({ dialect }: Database, tenantId: string, filter: LogFilter, by: By | null) {
  return {
    from: ['security_events', 'e', indexFor(dialect, by)] as const,
    needs: COLUMNS,
    where: (put: Put) => [
      `tenant_id = ${put(tenantId)}`,
      rangeOf(filter, put),
      ...(by ? [`${by[0]} = ${put(by[1])}`] : []),
    ],
    order: { columns: ['at', 'seq'], descending: filter.sort === 'newest' },
    checks: (put: Put) => checksOf(dialect, filter, by, put),
  };
}

// SQLite counts no rows, and would go by time through all of the log for an address that is not in it.
const indexFor = (dialect: Database['dialect'], by: By | null): string =>
  dialect === 'sqlite' ? `INDEXED BY security_events_by_${(by?.[0] ?? 'time').replace(/_id$/, '')}` : '';

/** How many rows match. Null where that cannot be said without looking at very many. */
export async function countLog(database: Database, tenantId: string, filter: LogFilter): Promise<Count | null> {
  const { bind, put } = values();
  const asked = { ...filter, after: undefined };
  const parts = walksOf(filter).map((by) => {
    const { from, where, order, checks } = walkBy(database, tenantId, asked, by);
    const walked = `SELECT ${COLUMNS} FROM ${from.join(' ')} WHERE ${where(put).join(' AND ')} ${orderBy(order)}`;
    const checked = checks(put);
    return checked.length === 0
      ? { exact: true, sql: `SELECT seq FROM (${walked} LIMIT ${COUNTED + 1}) AS seen` }
      : {
          exact: false,
          sql: `SELECT seq FROM (${walked} LIMIT ${SIZES.window / 2}) AS seen WHERE ${checked.join(' AND ')}`,
        };
  });
  const distinct = parts.map(({ sql }) => `SELECT seq FROM (${sql}) AS part`).join(' UNION ');
  const count = countIn(await database.read(counting(`FROM (${distinct}) AS every_one`), bind));
  return count === '1,000+' || parts.every(({ exact }) => exact) ? count : null;
}

// Between two places, whatever was asked for: one statement for each set of filters, and one use of its index.
function rangeOf({ from, to, sort, after }: LogFilter, put: Put): string {
  const lowest = sort === 'oldest' && after ? after : { at: from ?? -1, seq: 0 };
  const highest = sort === 'newest' && after ? after : { at: to ?? Number.MAX_SAFE_INTEGER, seq: 0 };
  return `(at, seq) > (${put(lowest.at)}, ${put(lowest.seq)}) AND (at, seq) < (${put(highest.at)}, ${put(highest.seq)})`;
}

function checksOf(
  dialect: Database['dialect'],
  { person, event, level, door, any, text }: LogFilter,
  by: By | null,
  put: Put,
): string[] {
  const checks: string[] = [];
  // A walk by an event may be for what was searched, and not for what was chosen.
  if (event !== undefined && !(by?.[0] === 'event' && by[1] === event)) checks.push(`event = ${put(event)}`);
  if (level !== undefined && by?.[0] !== 'level') checks.push(`level = ${put(level)}`);
  if (door !== undefined) checks.push(`door = ${put(door)}`);
  if (person !== undefined && any !== undefined && any.length > 0)
    checks.push(`(${any.map(([column, value]) => `${column} = ${put(value)}`).join(' OR ')})`);
  if (text !== undefined) checks.push(textCheck(dialect, text, put));
  return checks;
}

function placeOf(row: Row): Place {
  return { at: Number(row['at']), seq: Number(row['seq']) };
}
