import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { Sequelize, type Options, type Transaction } from 'sequelize';
import sqlite3 from 'sqlite3';
import { makeFolder } from '#server/lib/folder.js';
import type { Database } from './database.js';
import { framesByHand } from './frames.js';
import { reusingDriver } from './sqlite-driver.js';
import { PreparedStatements } from './sqlite-reads.js';

/** First come, first served. A waiting `BEGIN IMMEDIATE` would block one of libuv's four threads; a waiting promise blocks none. */
class WriterQueue {
  #tail: Promise<unknown> = Promise.resolve();
  run<T>(fn: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(fn, fn);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
  /** A turn that lasts until the function it gives is called. */
  async hold(): Promise<() => void> {
    return new Promise((got) => {
      void this.run(() => new Promise<void>((release) => got(release)));
    });
  }
}

const READS = /^\s*(select|pragma|explain|with\s(?![\s\S]*\b(insert|update|delete)\b))/i;

class QueuedSqlite extends Sequelize {
  readonly #writers = new WriterQueue();
  readonly #current: () => Transaction | undefined;
  readonly #drain: () => Promise<void>;

  constructor(file: string, current: () => Transaction | undefined) {
    const driver = reusingDriver();
    const options: Options = { dialect: 'sqlite', storage: file, logging: false, dialectModule: driver.module };
    super({ ...options, transactionType: 'IMMEDIATE' as never });
    this.#current = current;
    this.#drain = driver.drain;
    framesByHand(this, 'BEGIN IMMEDIATE TRANSACTION;', sendFrame);
  }

  override transaction(first?: unknown, second?: unknown): Promise<never> {
    const fn = (typeof first === 'function' ? first : second) as ((t: Transaction) => PromiseLike<unknown>) | undefined;
    const options = (typeof first === 'object' && first ? first : {}) as { transaction?: Transaction };
    const parent = this.#current() ?? options.transaction;
    if (!fn) return this.#unmanaged(options, parent) as Promise<never>;
    const run = (): Promise<never> =>
      super.transaction({ ...options, ...(parent ? { transaction: parent } : {}) }, fn as never) as Promise<never>;
    return parent ? run() : this.#writers.run(run); // one inside another is a savepoint; its turn is already held
  }

  /** The form without a function, which findOrCreate uses: the turn is given back at commit or rollback. */
  async #unmanaged(options: object, parent: Transaction | undefined): Promise<Transaction> {
    if (parent) return super.transaction({ ...options, transaction: parent });
    const release = await this.#writers.hold();
    try {
      const transaction = await super.transaction(options);
      const commit = transaction.commit.bind(transaction);
      const rollback = transaction.rollback.bind(transaction);
      transaction.commit = () => commit().finally(release);
      transaction.rollback = () => rollback().finally(release);
      return transaction;
    } catch (error) {
      release();
      throw error;
    }
  }

  override query(sql: unknown, options?: unknown): Promise<never> {
    const given = (options ?? {}) as { transaction?: Transaction | null };
    const inside = given.transaction ?? this.#current();
    const text = typeof sql === 'string' ? sql : String((sql as { query?: string }).query);
    const run = (): Promise<never> => super.query(sql as never, options as never) as unknown as Promise<never>;
    return inside || READS.test(text) ? run() : this.#writers.run(run);
  }

  /** The file is there from now on: Sequelize would make its folder at each transaction. */
  isThere(): void {
    (this as unknown as { options: Options }).options.dialectOptions = { mode: sqlite3.OPEN_READWRITE };
  }

  /** Runs one that writes by itself when its turn has come. */
  inTurn<T>(fn: () => Promise<T>): Promise<T> {
    return this.#writers.run(fn);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#drain();
  }
}

/** As often as Sequelize tries, where another process writes. */
const TRIES = 5;

async function sendFrame(connection: unknown, sql: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const error = await new Promise<Error | null>((done) => {
      (connection as sqlite3.Database).all(sql, [], done);
    });
    if (!error) return;
    if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY' || tries === TRIES) throw error;
  }
}

/** Opens (or makes, 0600) the SQLite file in WAL mode. `current` tells the transaction of the running call. */
export async function connectSqlite(
  file: string,
  current: () => Transaction | undefined,
): Promise<Omit<Database, 'readTogether'>> {
  makeFolder(dirname(file));
  const sequelize = new QueuedSqlite(file, current);
  try {
    await sequelize.query('PRAGMA journal_mode=WAL');
    await sequelize.query('PRAGMA synchronous=NORMAL');
    chmodSync(file, 0o600);
    sequelize.isThere();
  } catch (error) {
    await sequelize.close();
    throw error;
  }
  let reads: PreparedStatements | undefined;
  let writes: PreparedStatements | undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await reads?.close();
    await writes?.close();
    await sequelize.close();
  };
  const writeInTurn: Database['writeInTurn'] = (make) =>
    sequelize.inTurn(() => (writes ??= new PreparedStatements(file, { writes: true })).all(...make()));
  return {
    sequelize,
    dialect: 'sqlite',
    read: (sql, bind) => (reads ??= new PreparedStatements(file)).all(sql, bind),
    write: (sql, bind) => writeInTurn(() => [sql, bind]),
    writeInTurn,
    close: () => (closing ??= close()),
  };
}
