import { DatabaseError, QueryTypes, type Transaction } from 'sequelize';
import type { Database } from '../database.js';
import { waitingForEver } from '../silent-server.js';

const MOST_TRIES = 5;
const DEADLOCK = '40P01';

/**
 * Does this in one transaction, so that a second process finds none done or all; SQLite locks the file for it. Again from the
 * start where PostgreSQL has taken it back: it takes tables in another order than those who write meanwhile, and each may then
 * have what the other waits for.
 */
export async function alone<T>(database: Database, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await inOneTransaction(database, work);
    } catch (error) {
      if (tries === MOST_TRIES || !isDeadlock(error)) throw error;
    }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof DatabaseError && (error.original as { code?: string }).code === DEADLOCK;
}

function inOneTransaction<T>({ sequelize, dialect }: Database, work: () => Promise<T>): Promise<T> {
  return sequelize.transaction(async (transaction) => {
    if (dialect === 'sqlite') return work();
    // To change all rows of a large organisation, or to wait for who does, takes longer than people are let wait.
    return waitingForEver((transaction as Transaction & { connection: unknown }).connection, async () => {
      await sequelize.query('SET LOCAL statement_timeout = 0');
      await sequelize.query('SELECT pg_advisory_xact_lock(7241)');
      return work();
    });
  });
}

// Looks for the table first: a failed statement would spoil the transaction that it runs in.
const TABLE = {
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'`,
  postgres: `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'`,
};

/** The names of the migrations that have been run. */
export async function executed({ sequelize, dialect }: Database): Promise<string[]> {
  const names = async (sql: string): Promise<string[]> =>
    (await sequelize.query<{ name: string }>(sql, { type: QueryTypes.SELECT })).map(({ name }) => name);
  return (await names(TABLE[dialect])).length === 0 ? [] : names('SELECT name FROM migrations ORDER BY name');
}
