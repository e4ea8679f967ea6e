import type { SecurityEvent } from '#models/security-event.js';
import type { SecurityLogHead } from '#models/security-log-head.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';

/** What the hash of a row stands over: all of it but the hash itself, in one fixed order. */
export type ChainedRow = Pick<
  SecurityEvent,
  | 'id'
  | 'tenantId'
  | 'seq'
  | 'at'
  | 'event'
  | 'level'
  | 'door'
  | 'actorId'
  | 'actorTenantId'
  | 'targetType'
  | 'targetId'
  | 'ip'
  | 'client'
  | 'sessionId'
  | 'requestId'
  | 'details'
  | 'keyId'
>;

/** What the head of a chain says: how many rows there are, and the hash of the last. */
export type Head = Pick<SecurityLogHead, 'tenantId' | 'count' | 'hash' | 'keyId' | 'mac'>;

/** What stands before the first row of every chain. */
export const GENESIS = '';

/** The keyed hash that ties a row to the one before it. Throws when the row's key is not in the ring. */
export function chainHash(keys: Keyring, before: string, row: ChainedRow): string {
  const { id, tenantId, seq, at, event, level, door, actorId, actorTenantId } = row;
  const { targetType, targetId, ip, client, sessionId, requestId, details, keyId } = row;
  const who = [actorId, actorTenantId, targetType, targetId];
  const text = JSON.stringify([
    before,
    id,
    tenantId,
    seq,
    at,
    event,
    level,
    door,
    ...who,
    ip,
    client,
    sessionId,
    requestId,
    details,
    keyId,
  ]);
  return keys.mac('security-log', text, keyId);
}

/** The head of a chain of this many rows, under a keyed hash: nobody can cut the end off and set the head back. */
export function headOf(keys: Keyring, tenantId: string, count: number, hash: string): Head {
  const keyId = keys.currentId;
  return { tenantId, count, hash, keyId, mac: headMac(keys, { tenantId, count, hash, keyId }) };
}

/** True when this head was written by who holds the keys. */
export function headIsSound(keys: Keyring, head: Head): boolean {
  return keys.has(head.keyId) && sameText(head.mac, headMac(keys, head));
}

function headMac(keys: Keyring, { tenantId, count, hash, keyId }: Omit<Head, 'mac'>): string {
  return keys.mac('security-log', JSON.stringify(['head', tenantId, count, hash]), keyId);
}
