import { key, table, text, time } from './columns.js';
import type { Database } from './database.js';

const TAKE = `INSERT INTO passkey_challenges (hash, taken_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING RETURNING hash`;

/** A challenge that has been answered, rightly or wrongly: it is never taken again. */
export class PasskeyChallenge extends table('passkey_challenges', { hash: key(text), takenAt: time }) {
  /** Takes it, at once and outside any transaction: true for exactly one of any number of callers. */
  static async take({ write }: Database, hash: string, at: number): Promise<boolean> {
    return (await write(TAKE, [hash, at])).length === 1;
  }
}
