import type { Bind, Database } from './database.js';
import type { SecurityEvent } from './security-event.js';
import type { SecurityLogHead } from './security-log-head.js';
import { readInTransaction, writeInTransaction } from './transaction.js';

// The three statements that nearly every write ends with. Said here and not by the models: through Sequelize they cost as
// much as all the rest of a write.

type Event = Pick<SecurityEvent, keyof typeof COLUMNS>;
type Head = Pick<SecurityLogHead, 'tenantId' | 'count' | 'hash' | 'keyId' | 'mac'>;
type Dialect = Database['dialect'];

const COLUMNS = {
  id: 'id',
  tenantId: 'tenant_id',
  seq: 'seq',
  at: 'at',
  event: 'event',
  level: 'level',
  door: 'door',
  actorId: 'actor_id',
  actorTenantId: 'actor_tenant_id',
  targetType: 'target_type',
  targetId: 'target_id',
  ip: 'ip',
  client: 'client',
  sessionId: 'session_id',
  requestId: 'request_id',
  details: 'details',
  keyId: 'key_id',
  hash: 'hash',
} as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const NUMBERS = new Set<keyof typeof COLUMNS>(['seq', 'at']);

const HEAD = 'SELECT count, hash, key_id, mac FROM security_log_heads WHERE tenant_id = $1';
const MOVE = 'UPDATE security_log_heads SET count = $1, hash = $2, key_id = $3, mac = $4 WHERE tenant_id = $5';
// Any number of rows by one text, in their order.
const ADD = `INSERT INTO security_events (${Object.values(COLUMNS).join(', ')})
SELECT ${NAMES.map((name, at) => (NUMBERS.has(name) ? `CAST(value ->> ${at} AS BIGINT)` : `value ->> ${at}`)).join(', ')}
FROM `;
const GIVEN = { sqlite: 'json_each($1)', postgres: 'json_array_elements($1::json)' };

/** The end of the tenant's chain, which nobody else moves until the running transaction ends. */
export async function lockHead(dialect: Dialect, tenantId: string): Promise<Head> {
  const [row] = await readInTransaction(dialect === 'postgres' ? `${HEAD} FOR UPDATE` : HEAD, [tenantId]);
  if (!row) throw new Error('This organisation has no security log.');
  const { count, hash, key_id: keyId, mac } = row;
  return { tenantId, count: Number(count), hash: String(hash), keyId: String(keyId), mac: String(mac) };
}

/** Adds these rows to the log. */
export async function addEvents(dialect: Dialect, events: readonly Event[]): Promise<void> {
  const values = JSON.stringify(events.map((event) => NAMES.map((name) => event[name])));
  await writeInTransaction(ADD + GIVEN[dialect], [values]);
}

/** Says where the chain ends now. */
export async function moveHead({ tenantId, count, hash, keyId, mac }: Head): Promise<void> {
  const bind: Bind = [count, hash, keyId, mac, tenantId];
  await writeInTransaction(MOVE, bind);
}
