import { Op } from 'sequelize';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import type { ApiCredential } from '#models/api-credential.js';
import type { ApiSecret } from '#server/lib/api-secret.js';

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

/** The former secrets of a credential that still work, the one that dies last first. */
export async function formerSecrets({ id, tenantId }: ApiCredential, now: number): Promise<ApiCredentialSecret[]> {
  return ApiCredentialSecret.findAll({
    where: { tenantId, credentialId: id, diesAt: { [Op.gt]: now } },
    order: [['diesAt', 'DESC']],
  });
}
