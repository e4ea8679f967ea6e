import { QueryTypes } from 'sequelize';
import type { Database } from './database.js';

const TABLES = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  postgres: 'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename',
};

async function tableNames({ sequelize, dialect }: Pick<Database, 'sequelize' | 'dialect'>): Promise<string[]> {
  const rows = await sequelize.query<{ name: string }>(TABLES[dialect], { type: QueryTypes.SELECT });
  return rows.map(({ name }) => name);
}

/** True when nothing is in the database, not even a table. */
export async function isEmptyDatabase(database: Database): Promise<boolean> {
  return (await tableNames(database)).length === 0;
}
