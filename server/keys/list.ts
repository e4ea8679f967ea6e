import { KnownKey } from '#models/known-key.js';
import type { Services } from '#server/context.js';
import { countSealed } from './sealed.js';

export interface ListedKey {
  id: string;
  state: 'current' | 'retired' | 'absent';
  /** When it became what it is now, as far as this database knows (ms). */
  since: number | null;
  /** What cannot be opened, verified or checked without it. */
  neededBy: { called: string; count: number }[];
}

/** What a retired key is needed by for good: these stay as they were written. */
export const SECURITY_LOG = 'rows of the security log';
const RECOVERY_CODES = 'recovery codes';
const FORMER_NAMES = 'reserved names';

const LOG = 'SELECT key_id, COUNT(*) AS found FROM security_events GROUP BY key_id';
const CODES =
  'SELECT key_id, COUNT(*) AS found FROM recovery_codes WHERE used_at IS NULL AND replaced_at IS NULL GROUP BY key_id';

const NAMES = 'SELECT key_id, COUNT(*) AS found FROM former_names GROUP BY key_id';

/** The keys that there are and those that are still missed, each with what needs it; the current one first. */
export async function listKeys(services: Services): Promise<ListedKey[]> {
  const { database, keys } = services;
  const needs = await countSealed(services);
  for (const [called, sql] of [
    [RECOVERY_CODES, CODES],
    [FORMER_NAMES, NAMES],
    [SECURITY_LOG, LOG],
  ] as const)
    for (const row of await database.read(sql, []))
      needs.push({ keyId: String(row['key_id']), called, count: Number(row['found']) });
  const known = await KnownKey.findAll();
  const neededBy = (id: string) =>
    needs.filter(({ keyId }) => keyId === id).map(({ called, count }) => ({ called, count }));
  const gone = new Set([...known.map(({ id }) => id), ...needs.map(({ keyId }) => keyId)]);
  for (const id of keys.ids) gone.delete(id);
  return [
    ...keys.ids.map((id) => {
      const row = known.find((one) => one.id === id);
      const state = id === keys.currentId ? ('current' as const) : ('retired' as const);
      return { id, state, since: row ? (row.retiredAt ?? row.currentSince) : null, neededBy: neededBy(id) };
    }),
    ...[...gone].sort().map((id) => ({
      id,
      state: 'absent' as const,
      since: known.find((one) => one.id === id)?.retiredAt ?? null,
      neededBy: neededBy(id),
    })),
  ].filter(({ state, neededBy: needing }) => state !== 'absent' || needing.length > 0);
}
