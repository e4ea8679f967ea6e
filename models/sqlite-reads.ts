import sqlite3 from 'sqlite3';
import type { Bind, Row } from './database.js';

/** Some reads have as many texts as there are sets of filters: the one that has not been used for longest goes. */
const MOST_KEPT = 300;

/** For who changes rows: no commit waits for the disk, as what is written alone is counted or noted; see `sqlite-driver.ts`. */
const LIKE_A_LONE_WRITE =
  'PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA recursive_triggers=ON;';

/** Statements on a handle of their own, prepared once for each text; several times as fast as through Sequelize. */
export class PreparedStatements {
  readonly #handle: sqlite3.Database;
  readonly #statements = new Map<string, Promise<sqlite3.Statement>>();
  readonly #most: number;
  #closed = false;
  /** Of who `writes`, one statement runs at a time: the caller sees to that. */
  constructor(file: string, { most = MOST_KEPT, writes = false }: { most?: number; writes?: boolean } = {}) {
    this.#most = most;
    this.#handle = new sqlite3.Database(file, writes ? sqlite3.OPEN_READWRITE : sqlite3.OPEN_READONLY);
    // As long as Sequelize tries, where another process writes.
    this.#handle.configure('busyTimeout', writes ? 25_000 : 5000);
    if (writes) this.#handle.exec(LIKE_A_LONE_WRITE);
  }
  async all(sql: string, bind: Bind): Promise<Row[]> {
    const statement = await this.#prepared(sql);
    return new Promise((resolve, reject) => {
      // A statement that has been finalised never calls back, and whoever waits for it would wait for ever.
      if (this.#closed) throw new Error('The database has been closed.');
      // `all`, never `get`: `get` leaves the statement, and so a read transaction, open.
      statement.all<Row>(bind, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  }
  // Waits until it has been prepared: one that could not be never calls back either.
  #prepared(sql: string): Promise<sqlite3.Statement> {
    let prepared = this.#statements.get(sql);
    if (prepared) this.#statements.delete(sql);
    else {
      prepared = new Promise((resolve, reject) => {
        if (this.#closed) throw new Error('The database has been closed.');
        // By number, so that values can be given in their order: by name they would be looked up one by one.
        const numbered = sql.replace(/\$(\d+)/g, '?$1');
        const statement: sqlite3.Statement = this.#handle.prepare(numbered, (error: Error | null) => {
          if (!error) resolve(statement);
          else {
            this.#statements.delete(sql);
            reject(error);
          }
        });
      });
    }
    // Last in the map is what was used last.
    this.#statements.set(sql, prepared);
    if (this.#statements.size > this.#most) this.#dropOldest();
    return prepared;
  }
  // Whoever waits for it has begun to before this does, and is served first: the driver keeps the order.
  #dropOldest(): void {
    const [oldest] = this.#statements;
    if (!oldest) return;
    this.#statements.delete(oldest[0]);
    oldest[1].then(
      (statement) => statement.finalize(),
      () => undefined,
    );
  }
  async close(): Promise<void> {
    this.#closed = true;
    for (const prepared of this.#statements.values()) (await prepared.catch(() => null))?.finalize();
    await new Promise<void>((done) => this.#handle.close(() => done()));
  }
}
