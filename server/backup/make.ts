import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import sqlite3 from 'sqlite3';
import { sqliteFile } from '#models/database.js';
import type { Context, Services } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { measured, packArchive } from './archive.js';
import { DATABASE_FILES, makeManifest, type Manifest } from './manifest.js';
import { notePlatform } from './note.js';
import { runPostgresProgram } from './programs.js';

/**
 * Makes a backup of the database in one file, while others read and write it: as it was at one moment. The file is there
 * when it is whole, and never half of it. The log of the platform has a row of it afterwards, from which everything
 * that tells when the last backup was takes its time.
 */
export async function makeBackup(context: Context, to: string): Promise<Manifest> {
  const target = resolve(to);
  if (!existsSync(dirname(target))) throw new Conflict(`There is no folder ${dirname(target)}. Make it first.`);
  refuseExisting(target);
  removeLeftovers(target);
  const { services, now } = context;
  const folder = `${target}.part-${process.pid}`;
  mkdirSync(folder, { mode: 0o700 });
  try {
    const copy = join(folder, 'database');
    await copyDatabase(services, copy, folder);
    const name = DATABASE_FILES[services.database.dialect];
    const manifest = await makeManifest(services, now, await measured(copy, name));
    const whole = join(folder, 'backup');
    await packArchive(whole, manifest, copy);
    refuseExisting(target);
    renameSync(whole, target);
    await noteMade(context, manifest, target);
    return manifest;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Where it cannot be noted, as on a full disk, one may need the file more than ever.
async function noteMade(context: Context, { engine, file }: Manifest, target: string): Promise<void> {
  try {
    await notePlatform(context, 'backup.made', { engine, size: file.size });
  } catch (error) {
    throw new Conflict(
      `${target} is whole, but the security log does not tell of it, which could not be written: ${(error as Error).message}`,
    );
  }
}

async function copyDatabase({ config, database }: Services, target: string, folder: string): Promise<void> {
  if (database.dialect === 'sqlite') await copySqlite(sqliteFile(config), target);
  else
    await runPostgresProgram(
      'pg_dump',
      ['--format=custom', '--compress=0', '--no-owner', '--no-privileges', '--file', target],
      config.databaseUrl ?? '',
      folder,
    );
}

// What the driver's types leave out.
interface OnlineBackup {
  readonly completed: boolean;
  step(pages: number, done: (error: Error | null) => void): void;
  finish(done: () => void): void;
}

// All pages in one step: of several, each would begin anew whenever another process had written in between.
async function copySqlite(source: string, target: string): Promise<void> {
  const handle = new sqlite3.Database(source, sqlite3.OPEN_READONLY);
  handle.configure('busyTimeout', 5000);
  try {
    await new Promise<void>((done, failed) => {
      const opening = handle as unknown as {
        backup(file: string, opened: (error: Error | null) => void): OnlineBackup;
      };
      const backup = opening.backup(target, (opened) => {
        if (opened) {
          failed(opened);
          return;
        }
        backup.step(-1, (error: Error | null) => {
          const complete = backup.completed;
          backup.finish(() => {
            if (error || !complete) failed(error ?? new Conflict('The database is busy. Try again in a moment.'));
            else done();
          });
        });
      });
    });
  } finally {
    await new Promise<void>((closed) => handle.close(() => closed()));
  }
}

function refuseExisting(target: string): void {
  if (existsSync(target)) throw new Conflict(`${target} is there already. Give the backup another name.`);
}

// What a backup to the same name left that was killed.
function removeLeftovers(target: string): void {
  const prefix = `${basename(target)}.part-`;
  for (const name of readdirSync(dirname(target))) {
    if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length))))
      rmSync(join(dirname(target), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
