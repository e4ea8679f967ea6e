import { QueryTypes } from 'sequelize';
import type { Database } from '#models/database.js';
import { columnNames, tableNames } from '#models/tables.js';

/** The tables that refer to users, or have a user’s id, as the database itself tells. */
export async function tablesOfUsers(database: Database): Promise<string[]> {
  const found: string[] = [];
  for (const table of await tableNames(database)) {
    const sql = database.dialect === 'sqlite' ? SQLITE : POSTGRES;
    const references = await database.sequelize.query(sql, { bind: [table], type: QueryTypes.SELECT });
    if (references.length > 0 || (await columnNames(database, table)).includes('user_id')) found.push(table);
  }
  return found;
}

const SQLITE = `SELECT 1 FROM pragma_foreign_key_list($1) WHERE "table" = 'users'`;
const POSTGRES = `
SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass($1) AND confrelid = to_regclass('users')`;
