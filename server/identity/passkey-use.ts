import type { Passkey } from '#models/passkey.js';
import { isInTransaction, readInTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { truth } from './demanded-factor.js';
import type { ProvenPasskey } from './passkey-proof.js';

const USED = `UPDATE passkeys SET counter = $1, backed_up = $2, last_used_at = $3, last_used_ip = $4, last_used_client = $5
WHERE tenant_id = $6 AND id = $7 AND suspended_at IS NULL RETURNING verified, sign_in_alone`;

/** Notes when and where from it was used, and its count. Gives what it may do now; null once it is gone or in doubt. */
export async function noteUse(
  { services, now: at, ip, client }: Context,
  { passkey, shown }: Pick<ProvenPasskey, 'passkey' | 'shown'>,
): Promise<Pick<Passkey, 'verified' | 'signInAlone'> | null> {
  const count = Math.max(shown.newCounter, passkey.counter);
  const where = [ip ?? '', JSON.stringify(client), passkey.tenantId, passkey.id];
  const bind = [count, shown.credentialBackedUp, at, ...where];
  const [now] = await (isInTransaction() ? readInTransaction : services.database.write)(USED, bind);
  return now ? { verified: truth(now['verified']), signInAlone: truth(now['sign_in_alone']) } : null;
}
