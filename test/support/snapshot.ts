import { QueryTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '#models/database.js';
import { inTransaction } from '#models/transaction.js';
import { clearCounters } from './database.js';

type Row = Record<string, unknown>;

// The log only grows, whatever is put back; counters are forgotten.
const LASTING = new Set(['security_events', 'security_log_heads', 'throttles', 'migrations']);

interface Kept {
  table: string;
  keys: string[];
  rows: Map<string, Row>;
}

/**
 * Gives what makes the database again what it is now, but for the security log: rows that came since go, rows that went
 * come back, changed ones are as they were. Unlike `keepRows`, for tests that let things happen.
 */
export async function snapshotOf(database: Database): Promise<() => Promise<void>> {
  const { sequelize, dialect } = database;
  const kept: Kept[] = [];
  for (const model of Object.values(sequelize.models) as ModelStatic<Model>[]) {
    const table = String(model.getTableName());
    if (LASTING.has(table)) continue;
    const attributes = model.getAttributes();
    const keys = model.primaryKeyAttributes.map((name) => attributes[name]?.field ?? name);
    kept.push({ table, keys, rows: await rowsOf(database, table, keys) });
  }
  return async () => {
    await inTransaction(async (transaction) => {
      const run = (sql: string, bind: unknown[] = []) => sequelize.query(sql, { bind, transaction });
      await run(
        dialect === 'sqlite' ? 'PRAGMA defer_foreign_keys = ON' : 'SET LOCAL session_replication_role = replica',
      );
      for (const { table, keys, rows } of kept) {
        for (const [key, row] of await rowsOf(database, table, keys))
          if (!rows.has(key)) await run(`DELETE FROM ${table} WHERE ${where(keys)}`, valuesOf(row, keys));
      }
      for (const { table, keys, rows } of kept) {
        const now = await rowsOf(database, table, keys);
        for (const [key, row] of rows) {
          const columns = Object.keys(row);
          const there = now.get(key);
          if (!there) {
            const places = columns.map((_, index) => `$${index + 1}`).join(', ');
            await run(`INSERT INTO ${table} (${names(columns)}) VALUES (${places})`, valuesOf(row, columns));
          } else if (JSON.stringify(there) !== JSON.stringify(row)) {
            const sets = columns.map((column, index) => `"${column}" = $${keys.length + index + 1}`).join(', ');
            await run(`UPDATE ${table} SET ${sets} WHERE ${where(keys)}`, [
              ...valuesOf(row, keys),
              ...valuesOf(row, columns),
            ]);
          }
        }
      }
    });
    await clearCounters(database);
  };
}

async function rowsOf({ sequelize }: Database, table: string, keys: string[]): Promise<Map<string, Row>> {
  const rows = await sequelize.query<Row>(`SELECT * FROM ${table}`, { type: QueryTypes.SELECT });
  return new Map(rows.map((row) => [JSON.stringify(valuesOf(row, keys)), row]));
}

const names = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');
const valuesOf = (row: Row, columns: readonly string[]): unknown[] => columns.map((column) => row[column]);
const where = (keys: readonly string[]): string => keys.map((key, index) => `"${key}" = $${index + 1}`).join(' AND ');
