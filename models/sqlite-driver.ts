import sqlite3 from 'sqlite3';

// PRAGMAs belong to a connection and Sequelize opens one for each transaction, so they are set on every open.
// Transactions carry security changes: those are synced to the disk (FULL). Lone writes are "last seen" times.
const PRAGMAS =
  'PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000; PRAGMA recursive_triggers=ON;';
const SPARE_CONNECTIONS = 2;

const CHANGES_SCHEMA = /^\s*(create|alter|drop)\s/i;

type OpenCallback = ((this: sqlite3.Database, error: Error | null) => void) | undefined;
type CloseCallback = ((error: Error | null) => void) | undefined;
type RowsCallback = (this: unknown, error: Error | null, rows: unknown[]) => void;

/**
 * A sqlite3 driver whose transaction connections are kept and used again: opening one costs more than most transactions.
 * And it remembers the columns of each table: Sequelize asks for them anew before every SELECT.
 */
export function reusingDriver() {
  const idle: sqlite3.Database[] = [];
  const columns = new Map<string, unknown[]>();
  let closing = false;
  class Connection extends sqlite3.Database {
    #unopened = false;
    constructor(file: string, mode: number, callback: OpenCallback) {
      super(file, mode, (error) => {
        if (error) {
          this.#unopened = true;
          callback?.call(this, error);
          return;
        }
        this.configure('busyTimeout', 5000);
        this.exec(PRAGMAS, (failure) => callback?.call(this, failure));
      });
    }
    override all(sql: string, ...rest: unknown[]): this {
      if (CHANGES_SCHEMA.test(sql)) columns.clear();
      const callback = rest.at(-1) as RowsCallback;
      if (!sql.startsWith('PRAGMA table_info(')) return super.all(sql, ...(rest as [unknown, RowsCallback]));
      const known = columns.get(sql);
      if (known) {
        queueMicrotask(() => callback.call(this, null, known));
        return this;
      }
      return super.all(sql, (error, rows) => {
        if (error === null && rows.length > 0) columns.set(sql, rows);
        callback.call(this, error, rows);
      });
    }
    override close(callback?: CloseCallback): void {
      // The driver would never answer.
      if (this.#unopened) {
        callback?.(null);
        return;
      }
      if (closing || idle.length >= SPARE_CONNECTIONS) {
        super.close(callback);
        return;
      }
      idle.push(this);
      callback?.(null);
    }
  }
  const drain = async (): Promise<void> => {
    closing = true;
    for (const connection of idle.splice(0)) await new Promise<void>((done) => connection.close(() => done()));
  };
  function Database(file: string, mode: number, callback: OpenCallback): sqlite3.Database {
    const free = idle.pop();
    if (!free) return new Connection(file, mode, callback);
    queueMicrotask(() => callback?.call(free, null));
    return free;
  }
  return { module: { ...sqlite3, Database }, drain };
}
