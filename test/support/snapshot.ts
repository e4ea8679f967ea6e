import { QueryTypes, type Model, type ModelStatic } from 'sequelize';
import type { Database } from '#models/database.js';
import { inTransaction } from '#models/transaction.js';
import { clearCounters } from './database.js';
import { linesIn, textsOf } from './lines.js';

type Row = Record<string, unknown>;

// The log only grows, whatever is put back; counters are forgotten.
const LASTING = new Set(['security_events', 'security_log_heads', 'throttles', 'log_repeats', 'migrations']);

/** A table as it was: its rows by their keys, and the lines that they make. */
interface Kept {
  table: string;
  keys: string[];
  /** All of it, as one text. */
  said: string;
  rows: Map<string, { row: Row; line: string }>;
}

/**
 * Gives what makes the database again what it is now, but for the security log: rows that came since go, rows that went
 * come back, changed ones are as they were. Unlike `keepRows`, for tests that let things happen.
 */
export async function snapshotOf(database: Database): Promise<() => Promise<void>> {
  const { sequelize, dialect } = database;
  const kept: Kept[] = [];
  const read = await textsOf(database, LASTING);
  const texts = await read();
  for (const model of Object.values(sequelize.models) as ModelStatic<Model>[]) {
    const table = String(model.getTableName());
    if (LASTING.has(table)) continue;
    const attributes = model.getAttributes();
    const keys = model.primaryKeyAttributes.map((name) => attributes[name]?.field ?? name);
    const rows = await sequelize.query<Row>(`SELECT * FROM ${table}`, { type: QueryTypes.SELECT });
    const whole = new Map(rows.map((row) => [keyOf(row, keys), row]));
    const byKey = new Map<string, { row: Row; line: string }>();
    const said = texts.get(table) ?? '';
    for (const line of linesIn(said)) {
      const key = keyOf(rowIn(line), keys);
      byKey.set(key, { row: whole.get(key) ?? {}, line });
    }
    kept.push({ table, keys, said, rows: byKey });
  }
  return async () => {
    await inTransaction(async (transaction) => {
      const run = (sql: string, bind: unknown[] = []) => sequelize.query(sql, { bind, transaction });
      await run(
        dialect === 'sqlite' ? 'PRAGMA defer_foreign_keys = ON' : 'SET LOCAL session_replication_role = replica',
      );
      let now = await read();
      let gone = 0;
      const moved = kept.filter(({ table, said }) => now.get(table) !== said);
      for (const { table, keys, rows } of moved) {
        for (const row of linesIn(now.get(table)).map(rowIn)) {
          if (rows.has(keyOf(row, keys))) continue;
          await run(`DELETE FROM ${table} WHERE ${where(keys)}`, valuesOf(row, keys));
          gone += 1;
        }
      }
      // What refers to them may have gone with them.
      if (gone > 0) now = await read();
      for (const one of kept.filter(({ table, said }) => now.get(table) !== said)) {
        const { table, keys, rows } = one;
        let back = 0;
        const there = new Map(linesIn(now.get(table)).map((line) => [keyOf(rowIn(line), keys), line]));
        for (const [key, { row, line }] of rows) {
          if (there.get(key) === line) continue;
          back += 1;
          const columns = Object.keys(row);
          if (!there.has(key)) {
            const places = columns.map((_, index) => `$${index + 1}`).join(', ');
            await run(`INSERT INTO ${table} (${names(columns)}) VALUES (${places})`, valuesOf(row, columns));
          } else {
            const sets = columns.map((column, index) => `"${column}" = $${keys.length + index + 1}`).join(', ');
            await run(`UPDATE ${table} SET ${sets} WHERE ${where(keys)}`, [
              ...valuesOf(row, keys),
              ...valuesOf(row, columns),
            ]);
          }
        }
        // The same rows in another order, as those that came back stand at the end.
        if (back === 0) one.said = now.get(table) ?? '';
      }
    });
    await clearCounters(database);
  };
}

const rowIn = (line: string): Row => JSON.parse(line) as Row;
const keyOf = (row: Row, keys: readonly string[]): string => JSON.stringify(valuesOf(row, keys));
const names = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');
const valuesOf = (row: Row, columns: readonly string[]): unknown[] => columns.map((column) => row[column]);
const where = (keys: readonly string[]): string => keys.map((key, index) => `"${key}" = $${index + 1}`).join(' AND ');
