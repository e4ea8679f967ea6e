import { key, optionalTime, table, text, time } from './columns.js';
import { inTransaction, readInTransaction } from './transaction.js';

// The comment in front keeps Sequelize from taking it for an INSERT of its own.
const ADD = `/* add */
INSERT INTO known_keys (id, mac, current_since, retired_at) VALUES ($1, $2, CAST($3 AS BIGINT), CAST($4 AS BIGINT))
ON CONFLICT (id) DO NOTHING RETURNING id`;

/** A secret key that this database was made with: not the key, but a keyed hash that only it can have made. */
export class KnownKey extends table('known_keys', {
  id: key(text),
  mac: text,
  currentSince: time,
  retiredAt: optionalTime,
}) {
  /**
   * Notes new keys, and which of the others are retired now. `tell` is given those that nobody has noted before, of any number
   * of processes to one, and happens with the note or not at all.
   */
  static async note(
    keys: readonly Pick<KnownKey, 'id' | 'mac' | 'currentSince' | 'retiredAt'>[],
    retired: readonly string[],
    now: number,
    tell: (added: readonly string[]) => Promise<void>,
  ): Promise<void> {
    await inTransaction(async () => {
      const added: string[] = [];
      for (const { id, mac, currentSince, retiredAt } of keys)
        if ((await readInTransaction(ADD, [id, mac, currentSince, retiredAt])).length > 0) added.push(id);
      for (const id of retired) await KnownKey.update({ retiredAt: now }, { where: { id, retiredAt: null } });
      await tell(added);
    });
  }
}
