import type { LogWalk } from '#models/log-walk.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import type { Walk } from './verify.js';

/** What only who holds the keys can have made of the place of a walk: whoever moves it would have rows left out. */
export function walkMac(keys: Keyring, { tenantId, seq, before, goal, goalHash }: Walk): string {
  return keys.mac('security-log', JSON.stringify(['walk', tenantId, seq, before, goal, goalHash]));
}

/** True when a walk was at this place. */
export function walkIsSound(keys: Keyring, kept: LogWalk): boolean {
  const { tenantId, seq, beforeHash: before, goal, goalHash, mac } = kept;
  return sameText(mac, walkMac(keys, { tenantId, seq, before, goal, goalHash }));
}
