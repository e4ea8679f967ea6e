import type { Database, Row } from '#models/database.js';
import {
  behind,
  orderBy,
  placeColumns,
  placeOf,
  values,
  walkOn,
  type Order,
  type Value,
  type Walked,
} from '#models/paging.js';
import {
  checksOf,
  conditionsOf,
  entryOf,
  orderCalled,
  orderFor,
  ownersFor,
  tablesFor,
  type CredentialFilters,
  type Table,
  type WalkOf,
} from './orders.js';
import { fewSought, type Source } from './sought.js';

/** How many rows a page may look at: what is rare is looked for over several pages, and none of them is slow. */
const WINDOW = 10_000;

export interface CredentialsWalked {
  ids: string[];
  /** Where to go on; null at the end. */
  next: readonly Value[] | null;
}

/**
 * The ids of the tenant's credentials that work and match, from a place on: API credentials and SSH keys in one order. One
 * filter walks its own index, the others look at no more than a window of what that finds: a hundred thousand rows cost
 * what a thousand do.
 */
export async function walkCredentials(
  database: Database,
  about: WalkOf,
  filters: CredentialFilters,
  limit: number,
  after: readonly Value[] | null,
): Promise<CredentialsWalked> {
  const order = orderCalled(orderFor(filters));
  const walks: Walked[] = [];
  for (const table of tablesFor(filters)) {
    const few = await fewSought(database, about, table, filters);
    if (few) {
      walks.push(await gather(database, about, table, few, { filters, limit, after }));
      continue;
    }
    const walk = (window: number) => walkWindow(database, about, table, { filters, limit, after, window });
    const walked = await walk(Math.min(WINDOW, limit * 4));
    walks.push(walked.stop !== null && walked.rows.length < limit ? await walk(WINDOW) : walked);
  }
  return together(order, walks, limit);
}

/** The first of several walks in one order, and where they all go on. */
function together(order: Order, walks: readonly Walked[], limit: number): CredentialsWalked {
  const isBefore = (one: readonly Value[], other: readonly Value[]): boolean => isAhead(order, one, other);
  const stops = walks.flatMap(({ stop }) => (stop === null ? [] : [stop]));
  // Nobody knows what the walk that gave up first has behind this.
  const end = stops.reduce<Value[] | null>((first, stop) => (first && !isBefore(stop, first) ? first : stop), null);
  const seen = walks
    .flatMap(({ rows }) => rows.map((row) => ({ row, place: placeOf(order, row) })))
    .filter(({ place }) => end === null || !isBefore(end, place))
    .sort((one, other) => (isBefore(one.place, other.place) ? -1 : 1));
  const shown = seen.slice(0, limit);
  const next = seen.length > limit ? (shown.at(-1)?.place ?? end) : end;
  return { ids: shown.map(({ row }: { row: Row }) => String(row['id'])), next };
}

// As the database has it: by its numbers, then by its id. No column of an order is null where it is walked.
function isAhead({ descending }: Order, one: readonly Value[], other: readonly Value[]): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  if (at === -1) return false;
  const [mine, theirs] = [one[at] ?? 0, other[at] ?? 0];
  return descending ? mine > theirs : mine < theirs;
}

interface Part {
  filters: CredentialFilters;
  limit: number;
  after: readonly Value[] | null;
}

/** All that match of a few that are known, in their order: no window, and nothing to stop at. */
async function gather(
  database: Database,
  about: WalkOf,
  table: Table,
  few: Source,
  { filters, limit, after }: Part,
): Promise<Walked> {
  const order = orderCalled(orderFor(filters));
  const { bind, put } = values();
  const from = `${few(put)} ${ownersFor(filters)}`;
  const where = [...conditionsOf(table, filters, about, put), ...(after ? [behind(order, after, put)] : [])];
  const sql = `SELECT c.id, ${placeColumns(order)} ${from} WHERE ${where.join(' AND ')} ${orderBy(order)} LIMIT ${limit + 1}`;
  return { rows: await database.read(sql, bind), stop: null };
}

interface Window extends Part {
  window: number;
}

async function walkWindow(
  database: Database,
  about: WalkOf,
  table: Table,
  { filters, limit, after, window }: Window,
): Promise<Walked> {
  const order = orderCalled(orderFor(filters));
  return walkOn(database.read, {
    from: [table, 'c'],
    needs: 'c.*',
    columns: 'c.id',
    where: (put) => [...entryOf(table, filters, about, put), ...(after ? [behind(order, after, put)] : [])],
    order,
    join: ownersFor(filters),
    checks: (put) => checksOf(filters, about, put),
    limit,
    window,
  });
}
