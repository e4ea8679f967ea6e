import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SecretKey } from '#server/lib/keyring.js';

export type Say = (name: string, why: string) => void;

const KEY_HELP = 'must be 32 random bytes in base64 or hex; make one with: openssl rand -base64 32';

/** The keys, and the file that they stand in: null when they came from the environment. */
export function readSecretKeys(
  given: string,
  ownFile: string,
  dataDir: string,
  nodeEnv: string,
  missing: 'make' | 'leave',
  say: Say,
) {
  if (given) return { secretKeys: parseSecretKeys(given, 'SECRET_KEY', nodeEnv, say), secretKeyFile: null };
  const secretKeyFile = ownFile ? resolve(ownFile) : join(dataDir, 'secret.key');
  try {
    if (!ownFile && missing === 'make') makeKeyFile(secretKeyFile);
    if (!ownFile && missing === 'leave' && !existsSync(secretKeyFile)) return { secretKeys: [], secretKeyFile };
    return {
      secretKeys: readKeyFile(secretKeyFile, ownFile ? 'SECRET_KEY_FILE' : secretKeyFile, nodeEnv, say),
      secretKeyFile,
    };
  } catch (error) {
    say(ownFile ? 'SECRET_KEY_FILE' : 'DATA_DIR', `cannot be used (${(error as Error).message}).`);
    return { secretKeys: [], secretKeyFile };
  }
}

/** Makes a file with one new key, readable by its owner alone, unless there is one: of two processes that start at once both use the same. */
function makeKeyFile(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, `k1:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  try {
    // A link appears with all that is in the file, and never in the place of another.
    linkSync(whole, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(whole);
  }
}

function readKeyFile(file: string, name: string, nodeEnv: string, say: Say): SecretKey[] {
  return parseSecretKeys(readFileSync(file, 'utf8'), name, nodeEnv, say);
}

/** One key a line or comma, newest first, each `id:key` or a bare key (then its id is k1, k2 … from the last). */
function parseSecretKeys(given: string, name: string, nodeEnv: string, say: Say): SecretKey[] {
  const entries = given.split(/[\s,]+/).filter(Boolean);
  if (entries.length === 0) say(name, KEY_HELP);
  const keys = entries.map((entry, index) => {
    const [, id, key = ''] = /^(?:([a-z0-9]{1,16}):)?(.*)$/i.exec(entry) ?? [];
    const bytes = /^[0-9a-f]{64}$/i.test(key) ? Buffer.from(key, 'hex') : Buffer.from(key, 'base64');
    if (bytes.length !== 32) say(name, KEY_HELP);
    else if (nodeEnv === 'production' && new Set(bytes).size < 8) say(name, `is an example, not a secret; ${KEY_HELP}`);
    return { id: id ?? `k${entries.length - index}`, bytes };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    say(name, 'has two keys of one name. Give each its own, such as k1:… and k2:….');
  return keys;
}
