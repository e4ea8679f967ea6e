import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder and no file',
  EROFS: 'that can only be read',
  ENOSPC: 'no room is left there',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file',
  ELOOP: 'its links lead in a circle',
};

/** Why the system refuses a file or folder, in words that go on a sentence; its own words where we have none. */
export function reasonOf(error: unknown, wanted: 'read' | 'write' = 'write'): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM')
    return wanted === 'read' ? 'this user may not read it' : 'this user may not write there';
  return REASONS[code] ?? message;
}

/**
 * Makes a folder that is its owner's alone, and those above it, where they are not there. Throws an `Error` that says in
 * words why it cannot be. One after the other, as `recursive` never comes to an end below `/proc`.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  for (; !isThere(at); at = dirname(at)) missing.unshift(at);
  if (!statSync(at).isDirectory()) throw new Error(`${shown(at)} is a file and no folder`);
  for (const one of missing) makeOne(one);
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // Something above it is a file, which is found in its turn.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw new Error(`${shown(path)} cannot be looked at: ${reasonOf(error)}`, { cause: error });
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Somebody else was first.
    if (code === 'EEXIST') return;
    throw new Error(
      `${shown(path)} cannot be made: ${code === 'ENOENT' ? 'nothing can be made there' : reasonOf(error)}`,
      { cause: error },
    );
  }
}

// A path of pages says no more than its beginning.
function shown(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
