import { existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, sqliteFile } from '#models/database.js';
import { migrate } from '#models/migrations/index.js';
import { isEmptyDatabase, learnSizes } from '#models/tables.js';
import { COMMAND_LINE } from '#policies/actor.js';
import type { Config } from '#server/config.js';
import { contextWithoutRequest, type Services } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { tellOfRotation } from '#server/identity/key-rotation.js';
import { holdKeys } from '#server/keys/known.js';
import { makeFolder } from '#server/lib/folder.js';
import { createKeyring } from '#server/lib/keyring.js';
import type { Log } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import { verifyAll, type LogVerdict } from '#server/trace/verify-all.js';
import { unpackArchive } from './archive.js';
import { readManifest, type Manifest } from './manifest.js';
import { notePlatform } from './note.js';
import { runPostgresProgram } from './programs.js';

export interface Restored {
  manifest: Manifest;
  /** The migrations that an older backup was brought up to date with. */
  migrated: string[];
  logs: LogVerdict[];
}

/**
 * Puts a backup into an empty place, the one that the settings name, with the keys that are there. Until it is whole and
 * has been looked at, nothing stands in that place. Gives how the log of each organisation was found at the end.
 */
export async function restoreBackup(config: Config, log: Log, file: string): Promise<Restored> {
  if (!existsSync(file)) throw new Conflict(`There is no file ${file}.`);
  if (config.secretKeys.length === 0)
    throw new Conflict(
      `There is no secret key in ${config.dataDir}, and no backup holds one. Put the copy of yours there as secret.key (0600), or give SECRET_KEY or SECRET_KEY_FILE.`,
    );
  await refuseNonEmpty(config);
  makeFolder(config.dataDir);
  const folder = join(config.dataDir, 'restoring');
  // What one has left that was killed.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  try {
    const manifest = await unpackArchive(file, folder, (text) => {
      const place = config.secretKeyFile ?? 'SECRET_KEY';
      return ofThisEngine(readManifest(text, createKeyring(config.secretKeys), place), config);
    });
    if (manifest.engine === 'sqlite') return await restoreSqlite(config, log, folder, manifest);
    await runPostgresProgram(
      'pg_restore',
      ['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', join(folder, 'database')],
      config.databaseUrl ?? '',
      folder,
    );
    return await examine(config, log, manifest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Beside its place until it has been looked at; then it appears there whole, and never instead of another.
async function restoreSqlite(config: Config, log: Log, folder: string, manifest: Manifest): Promise<Restored> {
  const beside = { ...config, dataDir: folder };
  renameSync(join(folder, 'database'), sqliteFile(beside));
  const restored = await examine(beside, log, manifest);
  try {
    linkSync(sqliteFile(beside), sqliteFile(config));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw notEmpty(config);
    throw error;
  }
  return restored;
}

async function examine(config: Config, log: Log, manifest: Manifest): Promise<Restored> {
  const services = await openServices(config, log);
  try {
    if (manifest.engine === 'sqlite') await refuseDamaged(services);
    const migrated = await migrate(services.database);
    await learnSizes(services.database);
    const context = contextWithoutRequest(services, COMMAND_LINE, 'cli');
    await holdKeys(context, tellOfRotation);
    const logs = await verifyAll(services.keys);
    await notePlatform(context, 'backup.restored', { madeAt: new Date(manifest.madeAt).toISOString() });
    return { manifest, migrated, logs };
  } finally {
    await services.database.close();
  }
}

async function refuseDamaged({ database }: Services): Promise<void> {
  const [found] = await database.read('PRAGMA integrity_check(1)', []);
  const said = Object.values(found ?? {})[0];
  if (said !== 'ok')
    throw new Conflict(`The database in this backup is damaged: ${String(said)}. Take another backup.`);
}

function ofThisEngine(manifest: Manifest, { databaseUrl }: Config): Manifest {
  const engine = databaseUrl === null ? 'sqlite' : 'postgres';
  if (manifest.engine === engine) return manifest;
  throw new Conflict(
    engine === 'postgres'
      ? 'This is a backup of SQLite, and DATABASE_URL names PostgreSQL. Restore it without DATABASE_URL, and carry it over then, with: database copy'
      : 'This is a backup of PostgreSQL. Let DATABASE_URL name an empty database to restore it into.',
  );
}

async function refuseNonEmpty(config: Config): Promise<void> {
  if (config.databaseUrl === null) {
    if (existsSync(sqliteFile(config))) throw notEmpty(config);
    return;
  }
  const database = await openDatabase(config).catch((error: unknown) => {
    throw new Conflict(`The database that DATABASE_URL names cannot be opened: ${(error as Error).message}`);
  });
  try {
    if (!(await isEmptyDatabase(database))) throw notEmpty(config);
  } finally {
    await database.close();
  }
}

function notEmpty({ databaseUrl, dataDir }: Config): Conflict {
  return new Conflict(
    databaseUrl === null
      ? `There is a database in ${dataDir} already. Restore into an empty folder: set DATA_DIR to one.`
      : 'There are tables in the database that DATABASE_URL names already. Restore into an empty one.',
  );
}
