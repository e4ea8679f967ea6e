import { QueryTypes } from 'sequelize';
import { key, table, text, time } from './columns.js';
import type { Database } from './database.js';

// The comment in front keeps Sequelize from taking it for an INSERT of its own, for which it would read no rows on SQLite.
const TAKE = `/* take */
INSERT INTO passkey_challenges (hash, taken_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING RETURNING hash`;

/** A challenge that has been answered, rightly or wrongly: it is never taken again. */
export class PasskeyChallenge extends table('passkey_challenges', { hash: key(text), takenAt: time }) {
  /** Takes it, at once and outside any transaction: true for exactly one of any number of callers. */
  static async take({ sequelize }: Database, hash: string, at: number): Promise<boolean> {
    const taken = await sequelize.query(TAKE, { bind: [hash, at], type: QueryTypes.SELECT, transaction: null });
    return taken.length === 1;
  }
}
