import { countThrottle } from '#models/throttle.js';
import { inTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { HOUR } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { refuseOutside } from './admission.js';
import { issueDisavowal } from './disavowal-link.js';

/**
 * Refuses who knows the password and comes from an address that the organisation lets nobody in from, before anything is
 * issued to them. That is news: it stands in the log, and the owner is mailed, at most once an hour. Throws `Outside`.
 */
export async function refuseOutsider(context: Context, user: User, tenant: TenantInContext): Promise<never> {
  await tellOfOutsider(context, user, tenant);
  return refuseOutside();
}

/** Tells log and owner alone, where whoever comes is told nothing. */
export async function tellOfOutsider(context: Context, user: User, tenant: TenantInContext): Promise<void> {
  const { points } = await countThrottle(context.services.database, `outsider/${user.id}`, HOUR, context.now);
  await inTransaction(async () => {
    if (points === 1) {
      const variables = await issueDisavowal(context, user, 'sign-in.outside');
      await queueMail(context, { event: 'sign-in-outside', to: user, tenant, variables });
    }
    await record(context, {
      event: 'sign-in.outside',
      tenantId: tenant.id,
      actorId: null,
      target: { type: 'user', id: user.id },
    });
  });
}
