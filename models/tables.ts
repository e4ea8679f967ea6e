import { QueryTypes } from 'sequelize';
import type { Database } from './database.js';

// What proves who somebody is, or opens something, as it is kept: hashes, keyed hashes, what is sealed.
const SECRET = /(^|_)(hash|mac)$|^sealed_/;

/** Whether a column holds what no file that leaves the database may have in it. */
export function isSecretColumn(column: string): boolean {
  return SECRET.test(column);
}

type Tables = Pick<Database, 'sequelize' | 'dialect'>;

/** What triggers keep of users and their roles on each database as suits it: it comes and goes with them. */
const COUNTS = `('user_counts', 'holder_counts')`;

/** The tables on SQLite, but for what it keeps for itself: the indexes of trigrams fill themselves, and PostgreSQL has others. */
export const SQLITE_TABLES = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
  AND name NOT LIKE '%!_trigrams%' ESCAPE '!' AND name NOT LIKE '%!_places' ESCAPE '!' AND name NOT LIKE '%!_sort!_%' ESCAPE '!'
  AND name NOT IN ${COUNTS} ORDER BY name`;

const TABLES = {
  sqlite: SQLITE_TABLES,
  postgres: `SELECT tablename AS name FROM pg_tables
    WHERE schemaname = current_schema() AND tablename NOT IN ${COUNTS} ORDER BY tablename`,
};
const COLUMNS = {
  sqlite: 'SELECT name FROM pragma_table_info($1) ORDER BY cid',
  postgres: `SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`,
};

const KEYS = {
  sqlite: 'SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk',
  postgres: `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = to_regclass($1) AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)`,
};

/** The names of the tables there are. */
export async function tableNames({ sequelize, dialect }: Tables): Promise<string[]> {
  const rows = await sequelize.query<{ name: string }>(TABLES[dialect], { type: QueryTypes.SELECT });
  return rows.map(({ name }) => name);
}

/** The names of a table's columns, in their order. */
export async function columnNames({ sequelize, dialect }: Tables, table: string): Promise<string[]> {
  const rows = await sequelize.query<{ name: string }>(COLUMNS[dialect], { bind: [table], type: QueryTypes.SELECT });
  return rows.map(({ name }) => name);
}

/** The columns that name one row of a table, as its index has them. */
export async function keyColumns({ sequelize, dialect }: Tables, table: string): Promise<string[]> {
  const rows = await sequelize.query<{ name: string }>(KEYS[dialect], { bind: [table], type: QueryTypes.SELECT });
  return rows.map(({ name }) => name);
}

/** True when nothing is in the database, not even a table. */
export async function isEmptyDatabase(database: Database): Promise<boolean> {
  return (await tableNames(database)).length === 0;
}

/**
 * Lets PostgreSQL look at how large its tables are now. It does so by itself, minutes after many rows came at once; until then
 * it takes them for as good as empty, and goes through all of a table where an index leads to the row. SQLite needs none.
 */
export async function learnSizes({ sequelize, dialect }: Tables): Promise<void> {
  if (dialect === 'postgres') await sequelize.query('ANALYZE');
}

/**
 * The same where rows that there were have changed: until PostgreSQL has gone through them, each look at an index asks the table
 * whether the row is still there. A table that takes too long is left to PostgreSQL, which comes to it by itself.
 */
export async function settle(database: Tables): Promise<void> {
  if (database.dialect !== 'postgres') return;
  for (const table of await tableNames(database))
    await database.sequelize.query(`VACUUM (ANALYZE) "${table}"`).catch(() => undefined);
}
