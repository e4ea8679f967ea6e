import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { sqliteFile } from '#models/database.js';
import type { Config } from '#server/config.js';
import type { Finding } from './finding.js';

const MEGABYTE = 1_000_000;

/** Whether there is a disk to write to, and how much is free on it. */
export async function checkDisk(config: Config): Promise<Finding> {
  const { dataDir, databaseUrl } = config;
  const about = 'disk';
  try {
    const { bavail, bsize } = await statfs(dataDir);
    await access(dataDir, constants.W_OK);
    const free = bavail * bsize;
    const size = databaseUrl === null ? (await stat(sqliteFile(config)).catch(() => ({ size: 0 }))).size : null;
    const megabytes = Math.floor(free / MEGABYTE);
    return {
      about,
      state: megabytes < 100 ? 'fail' : megabytes < 1000 ? 'warn' : 'ok',
      text: `${megabytes} MB are free in ${dataDir}.`,
      figures: { disk_free_bytes: free, ...(size === null ? {} : { database_size_bytes: size }) },
    };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // With the database elsewhere and a mail server, nothing may ever have been written there.
    if (databaseUrl !== null && code === 'ENOENT')
      return { about, state: 'ok', text: `Nothing is kept in ${dataDir}: the database is elsewhere.` };
    return {
      about,
      state: 'fail',
      text: `Nothing can be written in ${dataDir} (${code}).`,
      figures: { disk_free_bytes: 0 },
    };
  }
}

/** True where something can be written: with the last megabytes of the disk gone, no write would end well. */
export async function canWrite(config: Config): Promise<boolean> {
  const { figures } = await checkDisk(config);
  return config.databaseUrl !== null || (figures?.['disk_free_bytes'] ?? 0) > MEGABYTE;
}
