import type { Passkey } from '#models/passkey.js';
import { isInTransaction, readInTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { truth } from './demanded-factor.js';
import type { ProvenPasskey } from './passkey-proof.js';

const USED = `UPDATE passkeys SET backed_up = $1, last_used_at = $2, last_used_ip = $3, last_used_client = $4
WHERE tenant_id = $5 AND id = $6 AND suspended_at IS NULL RETURNING verified, sign_in_alone`;

/** Notes when and where from it was used. Gives what it may do now; null once it is gone or in doubt. */
export async function noteUse(
  { services, now: at, ip, client }: Context,
  { passkey, shown }: Pick<ProvenPasskey, 'passkey' | 'shown'>,
): Promise<Pick<Passkey, 'verified' | 'signInAlone'> | null> {
  const where = [ip ?? '', JSON.stringify(client), passkey.tenantId, passkey.id];
  const bind = [shown.credentialBackedUp, at, ...where];
  const [now] = await (isInTransaction() ? readInTransaction : services.database.write)(USED, bind);
  return now ? { verified: truth(now['verified']), signInAlone: truth(now['sign_in_alone']) } : null;
}

const COUNTED = `UPDATE passkeys SET counter = $1 WHERE tenant_id = $2 AND id = $3 AND counter < $1 RETURNING id`;

/**
 * Takes the count that it has shown: false where it does not count further than what was taken before. By one conditional
 * update, so that of two answers with the same count only one does, however close together they come.
 */
export async function takeCount(
  { services }: Context,
  { tenantId, id, counter }: Passkey,
  { newCounter }: ProvenPasskey['shown'],
): Promise<boolean> {
  // One that is synced says 0 for good.
  if (newCounter === 0 && counter === 0) return true;
  return (await services.database.write(COUNTED, [newCounter, tenantId, id])).length > 0;
}
