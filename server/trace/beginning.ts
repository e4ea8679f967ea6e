import type { SecurityLogHead } from '#models/security-log-head.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import { GENESIS } from './chain.js';

/** Where the rows of a log begin that have not been archived: behind this one. */
export type Beginning = Pick<
  SecurityLogHead,
  'tenantId' | 'archivedCount' | 'archivedHash' | 'archivedKeyId' | 'archivedMac'
>;

/** The beginning behind so many rows, under a keyed hash: nobody without the keys can cut rows off the front. */
export function beginningAt(keys: Keyring, tenantId: string, count: number, hash: string): Beginning {
  const said = { tenantId, archivedCount: count, archivedHash: hash, archivedKeyId: keys.currentId };
  return { ...said, archivedMac: macOf(keys, said) };
}

/** True when who holds the keys has said that the log begins there; at its very first row nobody needs to. */
export function beginningIsSound(keys: Keyring, beginning: Beginning): boolean {
  if (beginning.archivedCount === 0) return beginning.archivedHash === GENESIS;
  return keys.has(beginning.archivedKeyId) && sameText(beginning.archivedMac, macOf(keys, beginning));
}

function macOf(keys: Keyring, one: Omit<Beginning, 'archivedMac'>): string {
  const text = JSON.stringify(['beginning', one.tenantId, one.archivedCount, one.archivedHash]);
  return keys.mac('security-log', text, one.archivedKeyId);
}
