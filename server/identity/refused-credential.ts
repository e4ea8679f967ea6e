import { ApiCredential } from '#models/api-credential.js';
import { Tenant } from '#models/tenant.js';
import { countThrottle } from '#models/throttle.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { HOUR } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { credentialText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { readersOf } from './admins.js';

/** Whose secret it was that was right and let nobody in. */
export interface RefusedCredential {
  tenantId: string;
  userId: string;
  credentialId: string;
}

/**
 * Tells of a right secret that was refused, once an hour for each credential and address: in the log, and where it came
 * from an address that is not allowed by mail too, for there is hardly a better sign that it is in other hands.
 */
export async function tellOfRefused(
  context: Context,
  { tenantId, userId, credentialId }: RefusedCredential,
  reason: 'address' | 'expired' | 'revoked',
): Promise<void> {
  const { services, now, ip } = context;
  const key = `refused-credential/${credentialId}`;
  const { points } = await countThrottle(services.database, `${key}/${ip ?? 'unknown'}`, HOUR, now);
  if (points > 1) return;
  const mailed = reason === 'address' && (await countThrottle(services.database, key, HOUR, now)).points === 1;
  await inTransaction(async () => {
    const row = await ApiCredential.findOne({ where: { tenantId, id: credentialId } });
    const owner = await User.findOne({ where: { tenantId, id: userId } });
    const tenant = await Tenant.findByPk(tenantId);
    if (!row || !owner || !tenant) return;
    const target = { type: 'user', id: userId } as const;
    const details = { credential: row.id, name: row.name, kind: row.kind, reason };
    await record(context, { event: 'api-credential.refused', tenantId, actorId: null, target, details });
    if (!mailed) return;
    const credential = credentialText(row);
    for (const reader of await readersOf(owner))
      await queueMail(context, {
        event: 'credential-refused',
        ...reader,
        tenant,
        variables: { credential, of: owner.username },
      });
  });
}
