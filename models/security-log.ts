import { DAY } from '#server/lib/clock.js';
import type { Bind, Database } from './database.js';
import type { SecurityEvent } from './security-event.js';
import type { SecurityLogHead } from './security-log-head.js';
import { readInTransaction, writeInTransaction } from './transaction.js';

// The statements that nearly every write ends with. Said here and not by the models: through Sequelize they cost as
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
const MOVE_BEHIND = MOVE.replace(/\$(\d)/g, (_place, number: string) => `$${Number(number) + 1}`);
const at = (name: keyof typeof COLUMNS): string =>
  NUMBERS.has(name) ? `CAST(value ->> ${NAMES.indexOf(name)} AS BIGINT)` : `value ->> ${NAMES.indexOf(name)}`;
// Any number of rows by one text, in their order.
const ADD = `INSERT INTO security_events (${Object.values(COLUMNS).join(', ')})
SELECT ${NAMES.map(at).join(', ')}
FROM `;
const GIVEN = { sqlite: 'json_each($1)', postgres: 'json_array_elements($1::json)' };

/** How often the event of a row happened, in the dialect: a row may stand for several. It may be one that somebody has tampered with. */
export function timesIn(dialect: Dialect, details: string): string {
  return dialect === 'sqlite'
    ? `CASE WHEN json_valid(${details}) THEN COALESCE(json_extract(${details}, '$.times'), 1) ELSE 1 END`
    : `COALESCE(CAST(substring(${details} from '[{,]"times":([0-9]{1,9})[,}]') AS BIGINT), 1)`;
}

// How often each event happened on each day is kept beside: to count a month of a large log would take too long for a page.
const COUNT = 'INSERT INTO security_event_days AS d (tenant_id, event, day, happened)';
const MORE = 'ON CONFLICT (tenant_id, event, day) DO UPDATE SET happened = d.happened + excluded.happened';
const TEXTS = {
  sqlite: [
    ADD + GIVEN.sqlite,
    `${COUNT} SELECT ${at('tenantId')}, ${at('event')}, ${at('at')} / ${DAY}, SUM(${timesIn('sqlite', at('details'))})
     FROM ${GIVEN.sqlite} WHERE true GROUP BY 1, 2, 3 ${MORE}`,
  ],
  // All by one journey, with what `MOVE` does.
  postgres: [
    `WITH added AS (${ADD}${GIVEN.postgres} RETURNING tenant_id, event, at, details), moved AS (${MOVE_BEHIND})
     ${COUNT} SELECT tenant_id, event, at / ${DAY}, SUM(${timesIn('postgres', 'details')}) FROM added GROUP BY 1, 2, 3 ${MORE}`,
  ],
};

/** The end of the tenant's chain, which nobody else moves until the running transaction ends. */
export async function lockHead(dialect: Dialect, tenantId: string): Promise<Head> {
  const [row] = await readInTransaction(dialect === 'postgres' ? `${HEAD} FOR UPDATE` : HEAD, [tenantId]);
  if (!row) throw new Error('This organisation has no security log.');
  const { count, hash, key_id: keyId, mac } = row;
  return { tenantId, count: Number(count), hash: String(hash), keyId: String(keyId), mac: String(mac) };
}

/** Adds these rows to the log, and to the counts of their days, and says where the chain ends now. */
export async function addEvents(dialect: Dialect, events: readonly Event[], next: Head): Promise<void> {
  const values = JSON.stringify(events.map((event) => NAMES.map((name) => event[name])));
  const { tenantId, count, hash, keyId, mac } = next;
  const moving: Bind = [count, hash, keyId, mac, tenantId];
  if (dialect === 'postgres') {
    for (const text of TEXTS.postgres) await writeInTransaction(text, [values, ...moving]);
    return;
  }
  for (const text of TEXTS.sqlite) await writeInTransaction(text, [values]);
  await writeInTransaction(MOVE, moving);
}

const BEGIN = `UPDATE security_log_heads SET archived_count = $1, archived_hash = $2, archived_key_id = $3, archived_mac = $4
WHERE tenant_id = $5 AND archived_count < $1`;
const REMOVE = 'DELETE FROM security_events WHERE tenant_id = $1 AND seq <= $2';

type Beginning = Pick<SecurityLogHead, 'tenantId' | 'archivedCount' | 'archivedHash' | 'archivedKeyId' | 'archivedMac'>;

/**
 * Says where the chain begins from now on, and removes what lies before, from the row `from` on: the database lets nothing
 * else be removed. A slice at a time, since SQLite keeps in memory what one statement changes, and PostgreSQL ends one
 * that takes too long.
 */
export async function removeBefore(beginning: Beginning, from: number, slice = 5000): Promise<void> {
  const { tenantId, archivedCount, archivedHash, archivedKeyId, archivedMac } = beginning;
  await writeInTransaction(BEGIN, [archivedCount, archivedHash, archivedKeyId, archivedMac, tenantId]);
  for (let gone = from - 1; gone < archivedCount;) {
    gone = Math.min(gone + slice, archivedCount);
    await writeInTransaction(REMOVE, [tenantId, gone]);
  }
}
