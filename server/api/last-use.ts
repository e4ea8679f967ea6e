import { QueryTypes } from 'sequelize';
import { MINUTE } from '#server/lib/clock.js';
import type { Context } from '#server/context.js';
import { tellOfNewAddress } from '#server/identity/new-address.js';
import type { Caller } from '#server/identity/credential-read.js';

const NOTE_EVERY = MINUTE;
const MOST_ADDRESSES = 10;

// The comments in front keep Sequelize from taking them for statements of its own.
const SECRET = `/* note */ UPDATE api_credential_secrets SET last_used_at = $1
WHERE public_id = $2 AND (last_used_at IS NULL OR last_used_at <= $3) RETURNING public_id`;
// Of requests at once one may be first with the secret, and another with the address: this is written by one of them.
const CREDENTIAL = `/* note */ UPDATE api_credentials SET last_used_at = $1, last_used_ip = $2
WHERE id = $3 AND (last_used_at IS NULL OR last_used_at <= $4 OR last_used_ip IS DISTINCT FROM $2) RETURNING id`;
const ADDRESS = `/* note */ INSERT INTO api_credential_addresses (credential_id, tenant_id, ip, last_used_at, first_used_at)
SELECT id, tenant_id, CAST($2 AS VARCHAR(45)), CAST($3 AS BIGINT), CAST($3 AS BIGINT) FROM api_credentials WHERE id = $1
ON CONFLICT (credential_id, ip) DO UPDATE SET last_used_at = excluded.last_used_at
WHERE api_credential_addresses.last_used_at <= $4 RETURNING ip`;
const FORGET_OLDER = `/* note */ DELETE FROM api_credential_addresses WHERE credential_id = $1 AND ip NOT IN (
  SELECT a.ip FROM api_credential_addresses a WHERE a.credential_id = $1 ORDER BY a.last_used_at DESC, a.ip LIMIT ${MOST_ADDRESSES}
)`;

/**
 * Notes when and from where a secret was used: at most once a minute for each secret and each address, however many
 * requests come at once. An address more is noted at once: a thief must not hide behind a program that calls all the time.
 */
export async function noteUse(context: Context, caller: Caller, ip: string | null): Promise<void> {
  const { now, services } = context;
  const { sequelize } = services.database;
  const { credential, lastUsedAt, lastUsedHereAt } = caller;
  const { publicId } = credential;
  if (credential.id === null || publicId === null) return;
  const before = now - NOTE_EVERY;
  if (lastUsedAt !== null && lastUsedAt > before && lastUsedHereAt !== null && lastUsedHereAt > before) return;
  const from = ip ?? 'unknown';
  const secret = await sequelize.query(SECRET, { bind: [now, publicId, before], type: QueryTypes.SELECT });
  const address = await sequelize.query(ADDRESS, { bind: [credential.id, from, now, before], type: QueryTypes.SELECT });
  if (secret.length + address.length === 0) return;
  await sequelize.query(CREDENTIAL, { bind: [now, ip, credential.id, before], type: QueryTypes.SELECT });
  if (address.length > 0) await sequelize.query(FORGET_OLDER, { bind: [credential.id] });
  if (lastUsedHereAt === null && ip !== null)
    await tellOfNewAddress({ ...context, ip }, { tenantId: caller.tenant.id, credentialId: credential.id, ip });
}
