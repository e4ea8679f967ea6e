import type { CredentialEnd } from '#policies/enumerations.js';
import { ApiCredential } from '#models/api-credential.js';
import type { Ended } from './walk-access.js';
import type { Context } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import type { ApiSecret } from '#server/lib/api-secret.js';
import { record } from '#server/trace/record.js';

import { Op } from 'sequelize';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';

/** Revokes all credentials of a user; gives how many there were. Inside a write. */
export async function revokeAll(context: Context, user: { id: string; tenantId: string }): Promise<number> {
  const where = { tenantId: user.tenantId, userId: user.id, revokedAt: null };
  const [count] = await ApiCredential.update(endOf(context, 'revoked'), { where });
  if (count > 0) await recordAll(context, user, count);
  return count;
}

/** Writes into the log that a walk through what lets somebody in has revoked credentials, where it has. Inside a write. */
export async function recordRevoked(
  context: Context,
  user: { id: string; tenantId: string },
  ended: readonly Ended[],
): Promise<void> {
  const credentials = ended.filter(({ kind }) => kind.model.tableName === ApiCredential.tableName);
  const count = credentials.reduce((sum, one) => sum + one.count, 0);
  if (count > 0) await recordAll(context, user, count);
}

async function recordAll(context: Context, { id, tenantId }: { id: string; tenantId: string }, count: number) {
  const target = { type: 'user', id } as const;
  await record(context, { event: 'api-credentials.revoked', tenantId, target, details: { count } });
}

/** Revokes a credential that the caller may revoke. A second time is not found. Inside a transaction. */
export async function revoke(context: Context, row: ApiCredential, why: CredentialEnd = 'revoked'): Promise<void> {
  const { id, tenantId, userId, name, kind } = row;
  const [revoked] = await ApiCredential.update(endOf(context, why), { where: { tenantId, id, revokedAt: null } });
  if (revoked !== 1) throw new NotFound();
  await record(context, {
    event: 'api-credential.revoked',
    tenantId,
    target: { type: 'user', id: userId },
    details: { credential: id, name, kind },
  });
}

/** What a credential has from its end on: when, by whom and why. */
export function endOf({ now, actor }: Pick<Context, 'now' | 'actor'>, why: CredentialEnd) {
  return { revokedAt: now, endedBy: actor?.id ?? null, endedBecause: why };
}

/** Gives a credential a secret, of which only the hash is kept. Inside a transaction. */
export async function putSecret(
  { id, tenantId }: ApiCredential,
  { publicId, hash }: ApiSecret,
  now: number,
): Promise<void> {
  await ApiCredentialSecret.create({ publicId, tenantId, credentialId: id, secretHash: hash, createdAt: now });
}

/** Lets every secret of a credential die at this time, or earlier where it was to die earlier; those that are dead go. Inside a transaction. */
export async function retireSecrets({ id, tenantId }: ApiCredential, diesAt: number, now: number): Promise<void> {
  const where = { tenantId, credentialId: id };
  await ApiCredentialSecret.update(
    { diesAt },
    { where: { ...where, diesAt: { [Op.or]: [null, { [Op.gt]: diesAt }] } } },
  );
  await ApiCredentialSecret.destroy({ where: { ...where, diesAt: { [Op.lte]: now } } });
}

/** By what the secret that a credential has now begins; null where it has none. */
export async function publicIdOf({ id, tenantId }: ApiCredential): Promise<string | null> {
  const secret = await ApiCredentialSecret.findOne({ where: { tenantId, credentialId: id, diesAt: null } });
  return secret?.publicId ?? null;
}

/** The former secrets of a credential that still work, the one that dies last first. */
export async function formerSecrets({ id, tenantId }: ApiCredential, now: number): Promise<ApiCredentialSecret[]> {
  return ApiCredentialSecret.findAll({
    where: { tenantId, credentialId: id, diesAt: { [Op.gt]: now } },
    order: [['diesAt', 'DESC']],
  });
}
