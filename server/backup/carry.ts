import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Row, SqliteFile } from './sqlite-file.js';

/** How many rows a table has, and what they come to, in whatever order they are read. */
export interface TableSum {
  count: number;
  sum: bigint;
}

interface Column {
  name: string;
  type: string;
}

type Value = string | number | boolean | Buffer | null;

const BATCH = 500;
const MOST_PLACES = 60_000;
const WHOLE = 2n ** 256n;

const COLUMNS = `SELECT column_name AS name, data_type AS type FROM information_schema.columns
  WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`;
const REFERENCES = `SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent FROM pg_constraint c
  JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.contype = 'f' AND n.nspname = current_schema()`;

/** The tables, each after those that it refers to. Throws where they refer to each other in a circle. */
export async function inOrder(to: pg.Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await to.query<{ child: string; parent: string }>(REFERENCES);
  const ordered: string[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const next = left.filter((table) =>
      rows.every(({ child, parent }) => child !== table || parent === table || ordered.includes(parent)),
    );
    if (next.length === 0) throw new Error(`These tables refer to each other: ${left.join(', ')}`);
    ordered.push(...next);
    left = left.filter((table) => !next.includes(table));
  }
  return ordered;
}

/** Carries every row of one table over, value by value, and gives what they come to. */
export async function carryTable(from: SqliteFile, to: pg.Client, table: string): Promise<TableSum> {
  const columns = await columnsOf(to, table);
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const most = Math.min(BATCH, Math.floor(MOST_PLACES / columns.length));
  const total: TableSum = { count: 0, sum: 0n };
  let after = 0;
  for (;;) {
    const rows = await from.all(
      `SELECT rowid AS "after this", ${names} FROM "${table}" WHERE rowid > ?1 ORDER BY rowid LIMIT ${most}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return total;
    after = Number(last['after this']);
    const values = rows.map((row) => columns.map((column) => valueOf(row, column)));
    for (const row of values) add(total, row);
    const places = values.map(
      (row, at) => `(${row.map((_value, index) => `$${at * columns.length + index + 1}`).join(', ')})`,
    );
    await to.query(`INSERT INTO "${table}" (${names}) VALUES ${places.join(', ')}`, values.flat());
  }
}

/** What the rows of a table come to where they were carried to. */
export async function sumOf(to: pg.Client, table: string): Promise<TableSum> {
  const columns = await columnsOf(to, table);
  const total: TableSum = { count: 0, sum: 0n };
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  await to.query(`DECLARE carried NO SCROLL CURSOR FOR SELECT ${names} FROM "${table}"`);
  for (;;) {
    const { rows } = await to.query<Row>(`FETCH ${BATCH} FROM carried`);
    if (rows.length === 0) break;
    for (const row of rows)
      add(
        total,
        columns.map((column) => valueOf(row, column)),
      );
  }
  await to.query('CLOSE carried');
  return total;
}

async function columnsOf(to: pg.Client, table: string): Promise<Column[]> {
  return (await to.query<Column>(COLUMNS, [table])).rows;
}

// SQLite has numbers where PostgreSQL has truth.
function valueOf(row: Row, { name, type }: Column): Value {
  const value = row[name] ?? null;
  return value !== null && type === 'boolean' ? Boolean(value) : value;
}

// A sum of hashes is the same in every order: the two engines sort text differently.
function add(total: TableSum, row: readonly Value[]): void {
  const text = JSON.stringify(
    row.map((value) => (Buffer.isBuffer(value) ? { bytes: value.toString('base64') } : value)),
  );
  total.count += 1;
  total.sum = (total.sum + BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)) % WHOLE;
}
