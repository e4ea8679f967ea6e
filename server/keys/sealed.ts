import { QueryTypes } from 'sequelize';
import type { Row } from '#models/database.js';
import { aboutKeptFactors } from '#models/kept-factor.js';
import { aboutKeptForm } from '#models/kept-form.js';
import { aboutPersonKey } from '#models/log-person-key.js';
import { aboutBody } from '#models/outbox-message.js';
import { aboutSecret } from '#models/totp-secret.js';
import type { Services } from '#server/context.js';

interface SealedColumn {
  table: string;
  column: string;
  /** Which row it is, and whose: what `about` stands on. */
  row: string;
  owner: string;
  about(row: string, owner: string): string;
  called: string;
}

/** Everything that is kept sealed. A test compares it with the columns there are. */
export const SEALED: readonly SealedColumn[] = [
  {
    table: 'totp_secrets',
    column: 'sealed_secret',
    row: 'user_id',
    owner: 'tenant_id',
    about: (userId, tenantId) => aboutSecret({ userId, tenantId }),
    called: 'two-factor secrets',
  },
  {
    table: 'outbox_messages',
    column: 'sealed_body',
    row: 'id',
    owner: 'tenant_id',
    about: (id, tenantId) => aboutBody({ id, tenantId }),
    called: 'mails under way',
  },
  {
    table: 'kept_forms',
    column: 'sealed_fields',
    row: 'id',
    owner: 'user_id',
    about: (id, userId) => aboutKeptForm({ id, userId }),
    called: 'kept forms',
  },
  {
    table: 'kept_factors',
    column: 'sealed_factors',
    row: 'id',
    owner: 'user_id',
    about: (id, userId) => aboutKeptFactors({ id, userId }),
    called: 'factors that can be put back',
  },
  {
    table: 'log_person_keys',
    column: 'sealed_key',
    row: 'user_id',
    owner: 'tenant_id',
    about: (userId, tenantId) => aboutPersonKey({ userId, tenantId }),
    called: 'keys of what names people in the log',
  },
];

const BATCH = 200;

/**
 * Seals anew with the current key what was sealed with a retired one, in batches, each row by itself: it may be killed
 * at any moment and run again, and a row that somebody changes meanwhile is left to the next time. Gives how many were done.
 */
export async function sealAnew({ database, keys, log }: Services, stop?: AbortSignal): Promise<number> {
  const { sequelize } = database;
  let done = 0;
  for (const { table, column, row, owner, about } of SEALED) {
    const next = `SELECT ${row} AS row_id, ${owner} AS owner_id, ${column} AS sealed FROM ${table}
      WHERE ${column} IS NOT NULL AND substr(${column}, 1, $1) <> $2 AND ${row} > $3 ORDER BY ${row} LIMIT ${BATCH}`;
    const put = `UPDATE ${table} SET ${column} = $1 WHERE ${row} = $2 AND ${column} = $3`;
    const current = `${keys.currentId}.`;
    let after = '';
    for (let read = BATCH; read === BATCH && !stop?.aborted;) {
      const rows = await sequelize.query<Row>(next, {
        bind: [current.length, current, after],
        type: QueryTypes.SELECT,
        transaction: null,
      });
      read = rows.length;
      for (const found of rows) {
        after = String(found['row_id']);
        const sealed = String(found['sealed']);
        let anew: string;
        try {
          const whose = about(after, String(found['owner_id']));
          anew = keys.seal(keys.open(sealed, whose), whose);
        } catch {
          log.error({ table, row: after }, 'this cannot be opened, so it was not sealed anew');
          continue;
        }
        await sequelize.query(put, { bind: [anew, after, sealed], transaction: null });
        done += 1;
      }
    }
  }
  return done;
}

/** How many values of each kind are sealed with each key. */
export async function countSealed({ database }: Services): Promise<{ keyId: string; called: string; count: number }[]> {
  const counted: { keyId: string; called: string; count: number }[] = [];
  for (const { table, column, called } of SEALED) {
    const keyId =
      database.dialect === 'sqlite'
        ? `substr(${column}, 1, instr(${column}, '.') - 1)`
        : `split_part(${column}, '.', 1)`;
    const rows = await database.read(
      `SELECT ${keyId} AS key_id, COUNT(*) AS found FROM ${table} WHERE ${column} IS NOT NULL GROUP BY 1`,
      [],
    );
    for (const row of rows) counted.push({ keyId: String(row['key_id']), called, count: Number(row['found']) });
  }
  return counted;
}
