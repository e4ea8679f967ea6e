import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, reasonOf } from '#server/lib/folder.js';

/** What is kept in it, where the settings do not say that it is elsewhere. */
interface KeptInside {
  database: boolean;
  keys: boolean;
  mails: boolean;
}

/**
 * Makes `DATA_DIR` where something is kept in it, or leaves that; gives why what is in it cannot be used, and what to do; null
 * where all is well. A path that begins with `~` is one that a shell has not read.
 */
export function refusedDataFolder(
  given: string,
  path: string,
  { database, keys, mails }: KeptInside,
  missing: 'make' | 'leave',
): string | null {
  if (given.startsWith('~'))
    return `begins with ~, which only a shell reads. Write the folder out, such as /home/NAME/data.`;
  if (!database && !keys && !mails) return null;
  const make = missing === 'make';
  try {
    if (make) {
      makeFolder(path);
      accessSync(path, constants.W_OK | constants.X_OK);
    } else if (!isThere(path)) return null;
    else if (!statSync(path).isDirectory()) throw new Error(`${path} is a file and no folder`);
    if (keys) mustBe(join(path, 'secret.key'), 'file', 'read');
    for (const end of database ? ['', '-wal', '-shm'] : [])
      mustBe(join(path, `gatehouse.sqlite${end}`), 'file', make ? 'write' : 'read');
    if (mails && make) mustBe(join(path, 'mail'), 'folder', 'write');
    return null;
  } catch (error) {
    const does = make ? 'Name a folder that this user may write to, or leave it out' : 'Name the folder of Gatehouse';
    return `cannot be used: ${reasonOf(error)}. ${error instanceof AnothersFile ? RUN_AS : does}.`;
  }
}

/** A file that is there, and not for this user. */
class AnothersFile extends Error {}

const RUN_AS = 'Run this as the user that Gatehouse runs as, or give that user its files';

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // What is below a file is not there.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw refused(path, error, 'read');
  }
}

function mustBe(path: string, kind: 'file' | 'folder', wanted: 'read' | 'write'): void {
  if (!isThere(path)) return;
  if (statSync(path).isDirectory() !== (kind === 'folder'))
    throw new Error(
      `${path} is a ${kind === 'file' ? 'folder, where a file has to be' : 'file, where a folder has to be'}`,
    );
  try {
    const enter = kind === 'folder' ? constants.X_OK : constants.R_OK;
    accessSync(path, enter | (wanted === 'write' ? constants.W_OK : 0));
  } catch (error) {
    throw refused(path, error, wanted);
  }
}

function refused(path: string, error: unknown, wanted: 'read' | 'write'): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' ? new AnothersFile(`this user may not ${wanted} ${path}`) : (error as Error);
}
