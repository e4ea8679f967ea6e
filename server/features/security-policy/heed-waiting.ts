import type { Read } from '#models/database.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { differencesBetween } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { contradictionsIn } from './change.js';
import { liftedFrom, policyThen } from './take-back.js';

/**
 * Throws `Invalid` for a change at once after which one that waits could not be made any more, or would demand less of
 * whoever makes it: that would be taking it back, by those who may not and unseen by those who may.
 */
export async function heedWaiting(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
  read: Read,
): Promise<void> {
  const scheduled = await ScheduledPolicy.of(context.tenant.id);
  if (!scheduled) return;
  const [without, then] = [policyThen(before, scheduled), policyThen(after, scheduled)];
  const known = contradictionsIn(without).map(({ fields: [field] }) => field);
  const changed = differencesBetween(before, after).map(({ field }) => field);
  const errors = contradictionsIn(then)
    .filter(({ fields: [field] }) => !known.includes(field))
    .map(({ fields, message }) => ({
      field: fields.find((field) => changed.includes(field)) ?? fields[0],
      message: `A change that is set for later does not go with this. ${message} Or take that change back first.`,
    }));
  if (errors.length > 0) throw new Invalid(errors);
  const { actor } = context;
  if (actor.kind !== 'user' || actor.id === scheduled.actorId) return;
  const lifted = await liftedFrom(context, without, then, read);
  if (lifted === null) return;
  throw Invalid.field(
    lifted.field,
    `You must add ${lifted.lacking} because of a change that is set for later, and cannot lift that from yourself. Add that first.`,
  );
}
