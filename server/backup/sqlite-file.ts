import sqlite3 from 'sqlite3';
import { Conflict } from '#server/errors.js';

export type Row = Record<string, string | number | boolean | Buffer | null>;

/** A SQLite database that nobody else has open. */
export interface SqliteFile {
  all(sql: string, bind?: readonly (string | number)[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Opens it for this process alone, until it is closed; throws where another has it open. Nothing is written. */
export async function openAlone(file: string): Promise<SqliteFile> {
  const handle = new sqlite3.Database(file, sqlite3.OPEN_READWRITE);
  handle.configure('busyTimeout', 1000);
  const all = (sql: string, bind: readonly (string | number)[] = []): Promise<Row[]> =>
    new Promise((resolve, reject) => {
      handle.all<Row>(sql, bind, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  const close = (): Promise<void> => new Promise((closed) => handle.close(() => closed()));
  try {
    // Before the first look at it: then SQLite asks for the whole file, and is refused while a server serves.
    await all('PRAGMA locking_mode = EXCLUSIVE');
    await all('BEGIN EXCLUSIVE');
  } catch (error) {
    await close();
    if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY') throw error;
    throw new Conflict(
      'Gatehouse, or another program, has this database open. Stop it first: what it wrote meanwhile would be lost.',
    );
  }
  return { all, close };
}
