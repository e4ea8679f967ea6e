import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type pg from 'pg';
import { DatabaseError, Sequelize, type Transaction } from 'sequelize';
import { GoingWith } from '#server/lib/going-with.js';
import type { Bind, Read, Row } from './database.js';
import type { PlansOnce } from './sqlite-driver.js';

// Sequelize keeps the transaction of the running call here, so nothing inside one can miss it.
const store = new GoingWith<Map<string, unknown>>();
Sequelize.useCLS({
  get: (key: string) => store.get()?.get(key),
  set: (key: string, value: unknown) => void store.get()?.set(key, value),
  run: (fn: (map: unknown) => Promise<unknown>) => {
    const map = new Map(store.get() ?? []);
    // Sequelize itself waits for what comes of it.
    store.run(map, () => fn(map)).catch(() => undefined);
  },
  bind: <T>(fn: T): T => AsyncLocalStorage.bind(fn as () => unknown) as T,
});

let current: Sequelize | undefined;

/** From now on transactions run on this database. */
export function transactionsOn(sequelize: Sequelize): void {
  current = sequelize;
}

/** Runs `work` in one transaction (or a savepoint of the running one): all of it happens, or nothing. */
export async function inTransaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
  if (!current) throw new Error('Connect to a database first.');
  // Without its parent, Sequelize would open another connection, and another transaction, on PostgreSQL.
  const running = runningTransaction();
  return running ? current.transaction({ transaction: running }, work) : current.transaction(work);
}

/**
 * The transaction that the calling code runs inside, always the outermost one: Sequelize names the savepoints of a
 * savepoint as it named the savepoint itself, and a rollback would then stop at the wrong one.
 */
export function runningTransaction(): Transaction | undefined {
  const running = store.get()?.get('transaction') as (Transaction & { parent?: Transaction }) | null | undefined;
  return running?.parent ?? running ?? undefined;
}

const AFTER = 'after commit';

/** Has this done once what the running transaction does is kept, and not at all where it is taken back. */
export function afterCommit(hook: () => void): void {
  const hooks = store.get()?.get(AFTER) as (() => void)[] | undefined;
  if (hooks) hooks.push(hook);
  else runningTransaction()?.afterCommit(hook);
}

const AT_THE_END = 'at the end';

/** How what several have put off is written. */
export type Line<T> = (all: readonly T[]) => Promise<void>;

/** One of a line, and which line that is. */
export type PutOff = readonly [line: Line<unknown>, one: unknown];

/**
 * Leaves this to the end of a commit that is shared, where it is written with that of the others. False where none is, or where
 * it may be taken back by itself: then it is to be written now.
 */
export function putOff<T>(line: Line<T>, one: T): boolean {
  const inside = store.get();
  const puttingOff = inside?.get(AT_THE_END) as PutOff[] | undefined;
  const { parent } = (inside?.get('transaction') ?? {}) as { parent?: Transaction };
  if (!puttingOff || parent) return false;
  puttingOff.push([line as Line<unknown>, one]);
  return true;
}

/** What a work that shares a commit leaves behind: what is to be done once it is kept, and what is to be written before that. */
export interface Left {
  hooks: (() => void)[];
  puttingOff: PutOff[];
}

/** The same work for whoever runs it inside a transaction, which it then goes with, and with all else that goes with the caller now. */
export function goingInside<T>(work: () => Promise<T>, { hooks, puttingOff }: Left): () => Promise<T> {
  const run = AsyncResource.bind((inside: Map<string, unknown>) => store.run(inside, work));
  return () => run(new Map([...(store.get() ?? []), [AFTER, hooks], [AT_THE_END, puttingOff]]));
}

/**
 * Reads as the running transaction sees things: its own changes, and what others had changed when it got its locks. For
 * what every write asks: by the connection itself, and planned once on each, since Sequelize costs as much as the read.
 */
export const readInTransaction: Read = async (sql, bind) => {
  const running = runningTransaction() as (Transaction & { connection?: Connection }) | undefined;
  if (!current || !running?.connection) throw new Error('This read belongs into a transaction.');
  try {
    return await ('query' in running.connection
      ? namedQuery(running.connection, sql, bind)
      : allOf(running.connection, sql, bind));
  } catch (error) {
    // As Sequelize says it, so that its words, which may quote values, stay out of the log.
    throw new DatabaseError(Object.assign(error as Error, { sql }));
  }
};

/** What reads as the running transaction sees things where there is one, and else as everybody does. */
export function readNow({ read }: { read: Read }): Read {
  return isInTransaction() ? readInTransaction : (sql, bind) => read(sql, bind);
}

/** Changes rows in the same way, for what nearly every write adds; SQL for both databases. */
export async function writeInTransaction(sql: string, bind: Bind): Promise<void> {
  await readInTransaction(sql, bind);
}

type Connection = pg.Client | PlansOnce;

/** A connection never forgets a named statement: with more texts than this, the others are planned at each read. */
const MOST_NAMED = 100;
const names = new Map<string, string>();

async function namedQuery(connection: pg.Client, text: string, bind: Bind): Promise<Row[]> {
  let name = names.get(text);
  if (name === undefined && names.size < MOST_NAMED) names.set(text, (name = `in_transaction_${names.size}`));
  return (await connection.query<Row>({ ...(name ? { name } : {}), text, values: [...bind] })).rows;
}

const numbered = new Map<string, string>();

async function allOf(connection: PlansOnce, sql: string, bind: Bind): Promise<Row[]> {
  let text = numbered.get(sql);
  if (text === undefined) {
    text = sql.replace(/\$(\d+)/g, '?$1');
    if (numbered.size < MOST_NAMED) numbered.set(sql, text);
  }
  const planned = text;
  return new Promise((resolve, reject) => {
    connection.allPlanned(planned, bind, (error, rows) => (error ? reject(error) : resolve((rows ?? []) as Row[])));
  });
}

/** True while the calling code runs inside a transaction. */
export function isInTransaction(): boolean {
  return runningTransaction() !== undefined;
}

/** Throws inside a transaction: what is written alone would wait for it, or keep what that takes back. */
export function outsideOnly(): void {
  if (isInTransaction()) throw new Error('This write belongs outside transactions.');
}
