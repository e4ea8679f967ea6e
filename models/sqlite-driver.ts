import sqlite3 from 'sqlite3';

// PRAGMAs belong to a connection and Sequelize opens one for each transaction, so they are set on every open.
// Transactions carry security changes: those are synced to the disk (FULL). Lone writes are "last seen" times.
const PRAGMAS =
  'PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000; PRAGMA recursive_triggers=ON;';
const SPARE_CONNECTIONS = 2;
// Sequelize asks for it at the head of each transaction; it is among those above.
const SET_AT_OPEN = 'PRAGMA FOREIGN_KEYS=ON';
/** Each connection plans so many texts once. */
const MOST_KEPT = 100;

const CHANGES_SCHEMA = /^\s*(create|alter|drop)\s/i;
const FRAME = /^(begin|commit|rollback)\b(?!.*\bto\b)/i;

type OpenCallback = ((this: sqlite3.Database, error: Error | null) => void) | undefined;
type CloseCallback = ((error: Error | null) => void) | undefined;
type RowsCallback = (this: unknown, error: Error | null, rows?: unknown[]) => void;

/** A connection of a transaction, where the caller knows that the text is worth keeping. */
export interface PlansOnce extends sqlite3.Database {
  allPlanned(sql: string, values: readonly unknown[], callback: RowsCallback): void;
}

/**
 * A sqlite3 driver whose transaction connections are kept and used again: opening one costs more than most transactions.
 * Each plans once what it is given with its values apart: planning is a way to another thread and back, as running is. And
 * it remembers the columns of each table: Sequelize asks for them anew before every SELECT.
 */
export function reusingDriver() {
  const idle: sqlite3.Database[] = [];
  const columns = new Map<string, unknown[]>();
  let closing = false;
  class Connection extends sqlite3.Database implements PlansOnce {
    #unopened = false;
    readonly #kept = new Map<string, sqlite3.Statement>();
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
      if (isKept(sql, rest)) return this.#runKept('all', sql, rest[0], callback);
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
    allPlanned(sql: string, values: readonly unknown[], callback: RowsCallback): void {
      this.#runKept('all', sql, values, callback);
    }
    override run(sql: string, ...rest: unknown[]): this {
      if (sql === SET_AT_OPEN && rest.length === 0) return this;
      // One that gives rows would stay in the midst of them: `run` takes one step.
      if (!isKept(sql, rest) || /\breturning\b/i.test(sql)) return super.run(sql, ...rest);
      return this.#runKept('run', sql, rest[0], rest[1] as RowsCallback);
    }
    #runKept(how: 'all' | 'run', sql: string, values: unknown, callback: RowsCallback): this {
      const statement = this.#planned(sql, callback);
      statement[how](values, (error: Error | null, rows?: unknown[]) => {
        // One that came to nothing may have stopped half-way.
        if (error) this.#drop(sql, statement);
        callback.call(statement, error, rows);
      });
      return this;
    }
    #planned(sql: string, callback: RowsCallback): sqlite3.Statement {
      const known = this.#kept.get(sql);
      if (known) {
        // Last in the map is what was used last.
        this.#kept.delete(sql);
        this.#kept.set(sql, known);
        return known;
      }
      // What could not be planned never calls back by itself.
      const made = this.prepare(sql, (error: Error | null) => {
        if (!error) return;
        this.#kept.delete(sql);
        callback.call(made, error);
      });
      this.#kept.set(sql, made);
      const [oldest] = this.#kept;
      if (oldest && this.#kept.size > MOST_KEPT) this.#drop(...oldest);
      return made;
    }
    #drop(sql: string, statement: sqlite3.Statement): void {
      if (this.#kept.get(sql) !== statement) return;
      this.#kept.delete(sql);
      statement.finalize();
    }
    override close(callback?: CloseCallback): void {
      // The driver would never answer.
      if (this.#unopened) {
        callback?.(null);
        return;
      }
      if (closing || idle.length >= SPARE_CONNECTIONS) {
        for (const one of [...this.#kept]) this.#drop(...one);
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

// The plan of a write counts as a write under way until its statement is reset: the next one of its connection is not
// committed meanwhile.
const EXPLAINS = /^\s*explain\b/i;

// With its values in the text, each would be another.
function isKept(sql: string, rest: readonly unknown[]): boolean {
  const [values, callback] = rest;
  if (typeof values !== 'object' || values === null || typeof callback !== 'function' || EXPLAINS.test(sql))
    return false;
  return Object.keys(values).length > 0 || FRAME.test(sql);
}
