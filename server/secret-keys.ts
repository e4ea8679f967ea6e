import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeFolder, reasonOf } from '#server/lib/folder.js';
import type { SecretKey } from '#server/lib/keyring.js';

export type Say = (name: string, why: string) => void;

const KEY_HELP = 'must be 32 random bytes in base64 or hex; make one with: openssl rand -base64 32';

interface Given {
  /** What SECRET_KEY, SECRET_KEYS_RETIRED and SECRET_KEY_FILE say; empty where they say nothing. */
  current: string;
  retired: string;
  file: string;
}

/** The keys, and the file that they stand in: null when they came from the environment. */
export function readSecretKeys(
  { current, retired, file: ownFile }: Given,
  dataDir: string,
  nodeEnv: string,
  missing: 'make' | 'leave',
  say: Say,
) {
  if (current) {
    const both = `${current},${retired}`;
    return { secretKeys: parseSecretKeys(both, 'SECRET_KEY', nodeEnv, say), secretKeyFile: null };
  }
  if (retired) say('SECRET_KEYS_RETIRED', 'goes with SECRET_KEY; a file of keys holds the retired ones itself.');
  const secretKeyFile = ownFile ? resolve(ownFile) : join(dataDir, 'secret.key');
  try {
    if (!ownFile && missing === 'make') makeKeyFile(secretKeyFile);
    if (!ownFile && missing === 'leave' && !existsSync(secretKeyFile)) return { secretKeys: [], secretKeyFile };
    return {
      secretKeys: readKeyFile(secretKeyFile, ownFile ? 'SECRET_KEY_FILE' : secretKeyFile, nodeEnv, say),
      secretKeyFile,
    };
  } catch (error) {
    say(ownFile ? 'SECRET_KEY_FILE' : 'DATA_DIR', `cannot be used: ${reasonOf(error, ownFile ? 'read' : 'write')}.`);
    return { secretKeys: [], secretKeyFile };
  }
}

/** Makes a file with one new key, readable by its owner alone, unless there is one: of two processes that start at once both use the same. */
function makeKeyFile(file: string): void {
  if (existsSync(file)) return;
  makeFolder(dirname(file));
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, `${newKeyText(1)}\n`, { mode: 0o600 });
  try {
    // A link appears with all that is in the file, and never in the place of another.
    linkSync(whole, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(whole);
  }
}

/** A new key as it is written down, of a name that no other of them has. */
export function newKeyAfter(ids: readonly string[]): string {
  const numbers = ids.map((id) => Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0));
  return newKeyText(Math.max(0, ...numbers) + 1);
}

function newKeyText(number: number): string {
  return `k${number}:${randomBytes(32).toString('base64')}`;
}

/** Puts a new key before the others in their file, in one step: whoever reads meanwhile finds the old file or the new. */
export function addToKeyFile(file: string, newKey: string): void {
  // A link to the file stays one.
  const real = realpathSync(file);
  const whole = `${real}.${process.pid}`;
  const ids = readKeyFile(real, file, 'development', () => undefined);
  const lines = ids.map(({ id, bytes }) => `${id}:${bytes.toString('base64')}`);
  const { mode, uid, gid } = statSync(real);
  try {
    const made = openSync(whole, 'wx', mode & 0o777);
    writeFileSync(made, `${[newKey, ...lines].join('\n')}\n`);
    fchownSync(made, uid, gid);
    // On the disk before it takes the place of the old one: nothing else knows the key.
    fsyncSync(made);
    closeSync(made);
    renameSync(whole, real);
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  }
}

/** The keys as they stand in the file now; null when they cannot be read, or are no keys. */
export function rereadSecretKeys(file: string, nodeEnv: string): SecretKey[] | null {
  let sound = true;
  try {
    const keys = readKeyFile(file, file, nodeEnv, () => void (sound = false));
    return sound ? keys : null;
  } catch {
    return null;
  }
}

function readKeyFile(file: string, name: string, nodeEnv: string, say: Say): SecretKey[] {
  // What is no file may have no end, or say something else the next time.
  if (!statSync(file).isFile()) throw new Error(`${file} is no file`);
  return parseSecretKeys(readFileSync(file, 'utf8'), name, nodeEnv, say);
}

// Of 32 random bytes fewer than one in a hundred million fails: they hardly repeat, in themselves or in their steps, are
// hardly ever all letters, and in base64 have large and small ones.
function looksRandom(key: string, bytes: Buffer): boolean {
  const steps = new Set(bytes.map((byte, at) => byte - (bytes[at - 1] ?? 0)));
  const printable = bytes.filter((byte) => byte >= 0x20 && byte < 0x7f).length;
  const mixed = key.length === 64 || (/[a-z]/.test(key) && /[A-Z]/.test(key));
  return new Set(bytes).size >= 20 && steps.size >= 20 && printable < 28 && mixed;
}

/** One key a line or comma, newest first, each `id:key` or a bare key (then its id is k1, k2 … from the last). */
function parseSecretKeys(given: string, name: string, nodeEnv: string, say: Say): SecretKey[] {
  const entries = given.split(/[\s,]+/).filter(Boolean);
  if (entries.length === 0) say(name, KEY_HELP);
  const keys = entries.map((entry, index) => {
    const [, id, key = ''] = /^(?:([a-z0-9]{1,16}):)?(.*)$/i.exec(entry) ?? [];
    const bytes = /^[0-9a-f]{64}$/i.test(key) ? Buffer.from(key, 'hex') : Buffer.from(key, 'base64');
    if (bytes.length !== 32) say(name, KEY_HELP);
    else if (nodeEnv === 'production' && !looksRandom(key, bytes))
      say(name, `is an example or was typed, not made at random; ${KEY_HELP}`);
    return { id: id ?? `k${entries.length - index}`, bytes };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    say(name, 'has two keys of one name. Give each its own, such as k1:… and k2:….');
  return keys;
}
