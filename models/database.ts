import { join } from 'node:path';
import type { Sequelize } from 'sequelize';
import { sharedReads } from './shared-reads.js';
import { connectSqlite } from './sqlite.js';
import { outsideOnly, runningTransaction } from './transaction.js';

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
  /** One statement that writes, committed at once and outside of transactions; gives what it returns. Throws inside one. */
  write: Read;
  /** The same for one that is put together only when its turn has come: on SQLite each waits for the one before. See `writeTogether`. */
  writeInTurn: (make: () => readonly [sql: string, bind: Bind]) => Promise<Row[]>;
  /** The same as `read` for the one read of every request: those of one turn share a statement. See `sharedReads`. */
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
  // Read where it is used: nobody else waits for its driver, at start or after.
  const connected = (await import('./postgres.js')).connectPostgres(settings.databaseUrl);
  return withSharedReads(await connected);
}

function withSharedReads(database: Omit<Database, 'readTogether'>): Database {
  const { write, writeInTurn } = database;
  return Object.assign(database, {
    readTogether: sharedReads(database),
    write: async (sql: string, bind: Bind) => {
      outsideOnly();
      return write(sql, bind);
    },
    writeInTurn: async (make: Parameters<Database['writeInTurn']>[0]) => {
      outsideOnly();
      return writeInTurn(make);
    },
  });
}
