import type { Database, Row } from '#models/database.js';
import type { Level } from '#policies/enumerations.js';
import type { EventName } from '#server/trace/events.js';

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
  /** In the details, the IP address, or the names of these events. */
  text?: { pattern: string; keys: readonly string[]; events: readonly EventName[] } | undefined;
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
  const walks = await Promise.all(walksOf(filter).map((by) => walk(database, tenantId, filter, by, sizes)));
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

type By = readonly [column: 'actor_id' | 'target_id' | 'event' | 'level', value: string] | null;

// The filter that leaves the fewest rows walks its index; for a person two do, of what they did and what was done to them.
function walksOf({ person, event, level }: LogFilter): By[] {
  if (person !== undefined)
    return [
      ['actor_id', person],
      ['target_id', person],
    ];
  return [event !== undefined ? ['event', event] : level !== undefined ? ['level', level] : null];
}

// What one index leads to, in order, and what the other filters leave of that. `stop` is where it gave up.
async function walk(
  database: Database,
  tenantId: string,
  filter: LogFilter,
  by: By,
  { page, window }: typeof SIZES,
): Promise<{ rows: Row[]; stop: Place | null }> {
  const bind: (string | number)[] = [];
  const value = (one: string | number): string => `$${bind.push(one)}`;
  const order = filter.sort === 'newest' ? 'ORDER BY at DESC, seq DESC' : 'ORDER BY at, seq';
  const where = `tenant_id = ${value(tenantId)} AND ${rangeOf(filter, value)}${by ? ` AND ${by[0]} = ${value(by[1])}` : ''}`;
  const walked = [...bind];
  const checks = checksOf(filter, by, value);
  const scan = (columns: string): string => `SELECT ${columns} FROM security_events WHERE ${where} ${order}`;
  const most = value(page + 1);
  if (checks.length === 0) return { rows: await database.read(`${scan(COLUMNS)} LIMIT ${most}`, bind), stop: null };
  const seen = `SELECT * FROM (${scan(COLUMNS)} LIMIT ${value(window)}) AS seen WHERE ${checks.join(' AND ')} ${order} LIMIT ${most}`;
  const rows = await database.read(seen, bind);
  const [last] =
    rows.length > page
      ? []
      : await database.read(`${scan('at, seq')} LIMIT 1 OFFSET $${walked.push(window - 1)}`, walked);
  return { rows, stop: last ? placeOf(last) : null };
}

// Between two places, whatever was asked for: one statement for each set of filters, and one use of its index.
function rangeOf({ from, to, sort, after }: LogFilter, value: (one: number) => string): string {
  const lowest = sort === 'oldest' && after ? after : { at: from ?? -1, seq: 0 };
  const highest = sort === 'newest' && after ? after : { at: to ?? Number.MAX_SAFE_INTEGER, seq: 0 };
  return `(at, seq) > (${value(lowest.at)}, ${value(lowest.seq)}) AND (at, seq) < (${value(highest.at)}, ${value(highest.seq)})`;
}

function checksOf({ event, level, text }: LogFilter, by: By, value: (one: string) => string): string[] {
  const checks: string[] = [];
  if (event !== undefined && by?.[0] !== 'event') checks.push(`event = ${value(event)}`);
  if (level !== undefined && by?.[0] !== 'level') checks.push(`level = ${value(level)}`);
  if (text !== undefined) checks.push(textCheck(text, value));
  return checks;
}

function textCheck({ pattern, keys, events }: NonNullable<LogFilter['text']>, value: (one: string) => string): string {
  // As it stands in the JSON. SQLite knows small letters in ASCII alone, so that others are looked for as typed, too.
  const json = escaped(JSON.stringify(pattern).slice(1, -1));
  const either = [
    `lower(details) LIKE ${value(`%${json.toLowerCase()}%`)} ESCAPE '!'`,
    `details LIKE ${value(`%${json}%`)} ESCAPE '!'`,
    `ip LIKE ${value(`%${escaped(pattern.toLowerCase())}%`)} ESCAPE '!'`,
    ...keys.map((key) => `details LIKE ${value(`%"${key}"%`)}`),
    ...(events.length === 0 ? [] : [`event IN (${events.map(value).join(', ')})`]),
  ];
  return `(${either.join(' OR ')})`;
}

function escaped(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}

function placeOf(row: Row): Place {
  return { at: Number(row['at']), seq: Number(row['seq']) };
}
