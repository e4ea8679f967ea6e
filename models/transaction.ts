import { AsyncLocalStorage } from 'node:async_hooks';
import { QueryTypes, Sequelize, type Transaction } from 'sequelize';
import type { Read, Row } from './database.js';

// Sequelize keeps the transaction of the running call here, so nothing inside one can miss it.
const store = new AsyncLocalStorage<Map<string, unknown>>();
Sequelize.useCLS({
  get: (key: string) => store.getStore()?.get(key),
  set: (key: string, value: unknown) => void store.getStore()?.set(key, value),
  run: (fn: (map: unknown) => unknown) => {
    const map = new Map(store.getStore() ?? []);
    return store.run(map, () => fn(map));
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
  const running = store.getStore()?.get('transaction') as (Transaction & { parent?: Transaction }) | null | undefined;
  return running?.parent ?? running ?? undefined;
}

/** Reads as the running transaction sees things: its own changes, and what others had changed when it got its locks. */
export const readInTransaction: Read = (sql, bind) => {
  if (!current || !isInTransaction()) throw new Error('This read belongs into a transaction.');
  return current.query<Row>(sql, { bind: [...bind], type: QueryTypes.SELECT });
};

/** True while the calling code runs inside a transaction. */
export function isInTransaction(): boolean {
  return runningTransaction() !== undefined;
}
