import { QueryTypes } from 'sequelize';
import { SecurityEvent } from '#models/security-event.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import { chainHash, type ChainedRow } from './chain.js';

/** A row as it stands in the chain. */
export type LogRow = ChainedRow & { hash: string };

/** So many rows at once: little memory, and the other requests have their turn between two reads. */
export const PAGE = 1000;
const ROWS = `
SELECT id, tenant_id AS "tenantId", seq, at, event, level, door, actor_id AS "actorId", actor_tenant_id AS "actorTenantId",
  target_type AS "targetType", target_id AS "targetId", ip, client, session_id AS "sessionId", request_id AS "requestId",
  details, key_id AS "keyId", hash
FROM security_events WHERE tenant_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT ${PAGE}`;

/** A page of the rows behind one, up to another, in the order of the chain. */
export function readRows(tenantId: string, after: number, to: number): Promise<LogRow[]> {
  return select<LogRow>(ROWS, [tenantId, after, to]);
}

/** What is committed, even where the caller runs inside a transaction of its own. */
export async function select<T extends object>(sql: string, bind: (string | number)[]): Promise<T[]> {
  const { sequelize } = SecurityEvent;
  if (!sequelize) throw new Error('Connect to a database first.');
  return sequelize.query<T>(sql, { bind, type: QueryTypes.SELECT, transaction: null });
}

/** What is wrong with the row that should stand at this place; null where nothing is. */
export function faultOf(keys: Keyring, before: string, seq: number, row: LogRow): string | null {
  if (row.seq !== seq) return `Row ${seq} is missing.`;
  if (!keys.has(row.keyId))
    return `Row ${seq} was written with the key "${row.keyId}", which is not among the secret keys of this installation.`;
  return sameText(row.hash, chainHash(keys, before, row)) ? null : `Row ${seq} was changed, or put in from elsewhere.`;
}
