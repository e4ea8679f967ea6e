import type { Read, Row } from './database.js';

/** What lists have in common: an order, a place in it to go on from, a window to look through, and a count that ends. */

export type Value = string | number | null;

/** Puts a value into a statement and gives its place there, `$1 …`: nothing that was typed stands in the text. */
export type Put = (value: Value) => string;

/** What a list is sorted by. The last column names a single row, and an index has them all, behind the tenant. */
export interface Order {
  readonly columns: readonly string[];
  readonly descending: boolean;
}

/** The values of a statement, and what puts one more among them. */
export function values(...first: Value[]): { bind: Value[]; put: Put } {
  const bind = [...first];
  return { bind, put: (value) => `$${bind.push(value)}` };
}

export function orderBy({ columns, descending }: Order): string {
  return `ORDER BY ${columns.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ')}`;
}

/** The same order from its end. */
export function turned({ columns, descending }: Order): Order {
  return { columns, descending: !descending };
}

/** True of the rows that come after this place. */
export function behind({ columns, descending }: Order, place: readonly Value[], put: Put): string {
  return `(${columns.join(', ')}) ${descending ? '<' : '>'} (${place.map(put).join(', ')})`;
}

/** What a row is sorted by, as columns of their own, which `placeOf` reads. */
export function placeColumns({ columns }: Order): string {
  return columns.map((column, at) => `${column} AS key_${at}`).join(', ');
}

/** Where a row stands in the order. */
export function placeOf({ columns }: Order, row: Row): Value[] {
  return columns.map((_column, at) => row[`key_${at}`] as Value);
}

/**
 * True where this stands somewhere in the column, as it is: `%` and `_` are letters. Of one or two an index of three letters side by
 * side knows nothing: PostgreSQL, which may have planned for whatever is typed, would go through all of it, and is kept from that.
 */
export function holds(column: string, text: string, put: Put): string {
  return `${[...text].length < 3 ? `(${column} || '')` : column} LIKE ${put(`%${text.replace(/[!%_]/g, '!$&')}%`)} ESCAPE '!'`;
}

/** Counting costs time for each row: past this many, all that is said is that there are more. */
export const COUNTED = 1000;

export type Count = number | '1,000+';

/** A statement that counts `found`, the rows of `FROM …`, to one more than are said. */
export function counting(from: string): string {
  return `SELECT COUNT(*) AS found FROM (SELECT 1 ${from} LIMIT ${COUNTED + 1}) AS counted`;
}

/** How many are found by a statement that `counting` made. */
export function countIn([row]: readonly Row[]): Count {
  const found = Number(row?.['found']);
  return found > COUNTED ? '1,000+' : found;
}

/** A walk along one index, in order, past rows that must also pass checks. */
export interface Walk {
  /** A table, what it is called here and in all of the rest, and by which index where SQLite must be told. */
  from: readonly [table: string, name: string, index?: string];
  /** What checks, order and `columns` read of the table. */
  needs: string;
  /** What the walk gives of each row. */
  columns: string;
  /** What the index is entered by. */
  where: (put: Put) => readonly string[];
  order: Order;
  /** What the checks read besides. */
  join?: string;
  checks: (put: Put) => readonly string[];
  limit: number;
  /** So many rows are looked at; what is rare is looked for over several pages, and none of them is slow. */
  window: number;
}

export interface Walked {
  /** One more than asked for, which tells whether there are more. */
  rows: Row[];
  /** Where the window ended and the walk gave up; null when it found enough, or came to the end. */
  stop: Value[] | null;
}

/** The next rows of a walk: a hundred thousand cost what a thousand do. */
export async function walkOn(read: Read, walk: Walk): Promise<Walked> {
  const { columns, order, join = '', limit, window } = walk;
  const [table, name, index = ''] = walk.from;
  const { bind, put } = values();
  const walked = `${table} ${name} ${index} WHERE ${walk.where(put).join(' AND ')} ${orderBy(order)}`;
  const entered = [...bind];
  const checks = walk.checks(put);
  const given = `SELECT ${columns}, ${placeColumns(order)} FROM`;
  if (checks.length === 0) return { rows: await read(`${given} ${walked} LIMIT ${put(limit + 1)}`, bind), stop: null };
  const seen = `(SELECT ${walk.needs} FROM ${walked} LIMIT ${put(window)}) AS ${name} ${join}`;
  const rows = await read(
    `${given} ${seen} WHERE ${checks.join(' AND ')} ${orderBy(order)} LIMIT ${put(limit + 1)}`,
    bind,
  );
  if (rows.length > limit) return { rows, stop: null };
  const [last] = await read(
    `SELECT ${placeColumns(order)} FROM ${walked} LIMIT 1 OFFSET $${entered.push(window - 1)}`,
    entered,
  );
  return { rows, stop: last ? placeOf(order, last) : null };
}
