import { join } from 'node:path';
import pg from 'pg';
import { Sequelize } from 'sequelize';
import { NamedReads, WITHOUT_JIT } from './postgres-reads.js';
import { sharedReads } from './shared-reads.js';
import { connectSqlite } from './sqlite.js';
import { runningTransaction } from './transaction.js';

// Times and counts are BIGINT columns; each fits a JavaScript number.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export type Bind = readonly (string | number | boolean | null)[];
export type Row = Record<string, string | number | boolean | null>;

/** Answers a SELECT with `$1 …`. */
export type Read = (sql: string, bind: Bind) => Promise<Row[]>;

export interface DatabaseSettings {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
}

/** One open database: the models' Sequelize, and a short way for the reads that every request makes. */
export interface Database {
  readonly sequelize: Sequelize;
  readonly dialect: 'sqlite' | 'postgres';
  /** A SELECT with `$1 …`; never sees an open transaction. For hot paths: prepared once for each text. */
  read: Read;
  /** The same for the one read of every request: those of one turn share a statement. See `sharedReads`. */
  readTogether: Read;
  close(): Promise<void>;
}

/** Where the embedded database lies. */
export function sqliteFile({ dataDir }: DatabaseSettings): string {
  return join(dataDir, 'gatehouse.sqlite');
}

/** Opens PostgreSQL when there is a `databaseUrl`, else the SQLite file in `dataDir`. Throws when it cannot. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  if (settings.databaseUrl === null)
    return withSharedReads(await connectSqlite(sqliteFile(settings), runningTransaction));
  const sequelize = new Sequelize(settings.databaseUrl, {
    dialect: 'postgres',
    logging: false,
    pool: { max: 10, min: 0, acquire: 10_000, idle: 30_000 },
    dialectOptions: {
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 30_000,
    },
    hooks: {
      async afterConnect(connection) {
        await (connection as pg.Client).query(WITHOUT_JIT);
      },
    },
  });
  try {
    await sequelize.authenticate();
  } catch (error) {
    await sequelize.close();
    throw error;
  }
  const reads = new NamedReads(sequelize);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await reads.close();
    await sequelize.close();
  };
  return withSharedReads({
    sequelize,
    dialect: 'postgres',
    read: (sql, bind) => reads.all(sql, bind),
    close: () => (closing ??= close()),
  });
}

function withSharedReads(database: Omit<Database, 'readTogether'>): Database {
  return Object.assign(database, { readTogether: sharedReads(database) });
}
