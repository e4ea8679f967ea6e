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
 * Makes `DATA_DIR` where something is kept in it, and gives why that cannot be, and what to do; null where all is well. A
 * path that begins with `~` is one that a shell has not read.
 */
export function refusedDataFolder(given: string, path: string, { database, keys, mails }: KeptInside): string | null {
  if (given.startsWith('~'))
    return `begins with ~, which only a shell reads. Write the folder out, such as /home/NAME/data.`;
  if (!database && !keys && !mails) return null;
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    if (database) mustBe(join(path, 'gatehouse.sqlite'), 'file');
    if (keys) mustBe(join(path, 'secret.key'), 'file');
    if (mails) mustBe(join(path, 'mail'), 'folder');
    return null;
  } catch (error) {
    return `cannot be used: ${reasonOf(error)}. Name a folder that this user may write to, or leave it out.`;
  }
}

function mustBe(path: string, kind: 'file' | 'folder'): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && found.isDirectory() !== (kind === 'folder'))
    throw new Error(
      `${path} is a ${kind === 'file' ? 'folder, where a file has to be' : 'file, where a folder has to be'}`,
    );
}
