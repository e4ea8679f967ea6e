import pg from 'pg';
import { Sequelize } from 'sequelize';
import { POOL } from './connections.js';
import type { Database } from './database.js';
import { framesByHand } from './frames.js';
import { NamedReads, WITHOUT_JIT } from './postgres-reads.js';
import { dropWhenSilent, SILENT_AFTER, STATEMENT_TIMEOUT } from './silent-server.js';

// Times and counts are BIGINT columns; each fits a JavaScript number.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** One connection of its own to this address, for who does without the models; nothing is connected yet. */
export function postgresClient(url: string): pg.Client {
  return new pg.Client({ connectionString: url });
}

/** Connects to the PostgreSQL server at this address. Rejects when it does not let us in. */
export async function connectPostgres(
  url: string,
  silentAfter = SILENT_AFTER,
): Promise<Omit<Database, 'readTogether'>> {
  const sequelize = new Sequelize(url, {
    dialect: 'postgres',
    logging: false,
    pool: { max: POOL, min: 0, acquire: 10_000, idle: 30_000 },
    dialectOptions: {
      connectionTimeoutMillis: 5_000,
      statement_timeout: STATEMENT_TIMEOUT,
      idle_in_transaction_session_timeout: 30_000,
    },
    hooks: {
      async afterConnect(connection) {
        dropWhenSilent(connection as pg.Client, silentAfter);
        await (connection as pg.Client).query(WITHOUT_JIT);
      },
    },
  });
  framesByHand(sequelize, 'START TRANSACTION;', (connection, sql) => (connection as pg.Client).query(sql));
  try {
    await sequelize.authenticate();
  } catch (error) {
    await sequelize.close();
    throw error;
  }
  const reads = new NamedReads(sequelize, silentAfter);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await reads.close();
    await sequelize.close();
  };
  return {
    sequelize,
    dialect: 'postgres',
    read: (sql, bind) => reads.all(sql, bind),
    // Whatever a connection is given outside of a transaction is committed at once.
    write: (sql, bind) => reads.all(sql, bind),
    writeInTurn: (make) => reads.all(...make()),
    close: () => (closing ??= close()),
  };
}
