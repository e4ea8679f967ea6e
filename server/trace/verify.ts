import { QueryTypes } from 'sequelize';
import { SecurityEvent } from '#models/security-event.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import { chainHash, GENESIS, headIsSound, type ChainedRow } from './chain.js';

export type Verdict = { intact: true; count: number } | { intact: false; seq: number; why: string };

// So many rows at once: little memory, and the other requests have their turn between two reads.
const PAGE = 1000;
const ROWS = `
SELECT id, tenant_id AS "tenantId", seq, at, event, level, door, actor_id AS "actorId", actor_tenant_id AS "actorTenantId",
  target_type AS "targetType", target_id AS "targetId", ip, client, session_id AS "sessionId", request_id AS "requestId",
  details, key_id AS "keyId", hash
FROM security_events WHERE tenant_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT ${PAGE}`;

// In one statement, so that a row and the head that grew with it are seen together or not at all.
const PUT_IN = `
SELECT seq FROM security_events
WHERE tenant_id = $1 AND (seq < 1 OR seq > (SELECT count FROM security_log_heads WHERE tenant_id = $1))
ORDER BY seq LIMIT 1`;

type Row = ChainedRow & { hash: string };

const running = new Map<string, Promise<Verdict>>();

/**
 * Walks a tenant's chain from its first row and tells the first link that is broken: changed, removed, put in or cut off.
 * Rows that are written meanwhile are left for the next time. Whoever asks while one is running gets its verdict:
 * reading a million rows takes a while, and nobody should be able to have that done many times over.
 */
export async function verifyLog(keys: Keyring, tenantId: string): Promise<Verdict> {
  const already = running.get(tenantId);
  if (already) return already;
  const verdict = walk(keys, tenantId).finally(() => running.delete(tenantId));
  running.set(tenantId, verdict);
  return verdict;
}

async function walk(keys: Keyring, tenantId: string): Promise<Verdict> {
  const head = await SecurityLogHead.findByPk(tenantId, { transaction: null });
  if (!head) return broken(0, 'The head of the log is missing.');
  let before = GENESIS;
  let seq = 0;
  for (
    let rows = await read(tenantId, seq, head.count);
    rows.length > 0;
    rows = await read(tenantId, seq, head.count)
  ) {
    for (const row of rows) {
      const fault = faultOf(keys, before, seq + 1, row);
      if (fault !== null) return broken(seq + 1, fault);
      before = row.hash;
      seq += 1;
    }
    if (rows.length < PAGE) break;
  }
  if (!headIsSound(keys, head)) return broken(seq, headFault(keys, head.keyId));
  if (seq !== head.count) return broken(seq + 1, `Row ${seq + 1} and what followed it were cut off.`);
  if (before !== head.hash) return broken(seq, `Row ${seq} is not the one that the head of the log knows.`);
  const [extra] = await select<{ seq: number }>(PUT_IN, [tenantId]);
  if (extra) return broken(extra.seq, `Row ${extra.seq} was put in.`);
  return { intact: true, count: head.count };
}

function faultOf(keys: Keyring, before: string, seq: number, row: Row): string | null {
  if (row.seq !== seq) return `Row ${seq} is missing.`;
  if (!keys.has(row.keyId))
    return `Row ${seq} was written with the key "${row.keyId}", which is not among the secret keys of this installation.`;
  return sameText(row.hash, chainHash(keys, before, row)) ? null : `Row ${seq} was changed, or put in from elsewhere.`;
}

function headFault(keys: Keyring, keyId: string): string {
  if (!keys.has(keyId))
    return `The head of the log was written with the key "${keyId}", which is not among the secret keys of this installation.`;
  return 'The head of the log was changed: rows may have been cut off its end.';
}

function broken(seq: number, why: string): Verdict {
  return { intact: false, seq, why };
}

function read(tenantId: string, after: number, to: number): Promise<Row[]> {
  return select<Row>(ROWS, [tenantId, after, to]);
}

// What is committed, even where the caller runs inside a transaction of its own.
async function select<T extends object>(sql: string, bind: (string | number)[]): Promise<T[]> {
  const { sequelize } = SecurityEvent;
  if (!sequelize) throw new Error('Connect to a database first.');
  return sequelize.query<T>(sql, { bind, type: QueryTypes.SELECT, transaction: null });
}
