import { key, table, text, time } from './columns.js';
import type { Database } from './database.js';
import { writeTogether } from './shared-writes.js';

const INTO = 'INSERT INTO passkey_challenges (hash, taken_at)';
const ONCE = 'ON CONFLICT (hash) DO NOTHING RETURNING hash AS written';
const TAKE = {
  one: `${INTO} VALUES ($1, $2) ${ONCE}`,
  several: `${INTO} SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE true ${ONCE}`,
};

/** A challenge that has been answered, rightly or wrongly: it is never taken again. */
export class PasskeyChallenge extends table('passkey_challenges', { hash: key(text), takenAt: time }) {
  /** Takes it, at once and outside any transaction: true for exactly one of any number of callers. */
  static take(database: Database, hash: string, at: number): Promise<boolean> {
    return writeTogether(database, TAKE, [hash, at]);
  }
}
