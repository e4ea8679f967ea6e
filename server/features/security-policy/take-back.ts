import type { Read } from '#models/database.js';
import type { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import { demandLifted, onlyPutsOff } from '#policies/second-factor.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { lackingUnder } from '#server/identity/lacking-under.js';
import { letsAlone } from './change.js';

/** What a change that waits changes, as it was set. */
export function differencesOf({ differences }: ScheduledPolicy): PolicyDifference[] {
  return JSON.parse(differences) as PolicyDifference[];
}

/** A policy as a change that waits leaves it, whatever has become of it until then. */
export function policyThen(before: SecurityPolicy, scheduled: ScheduledPolicy): SecurityPolicy {
  return { ...before, ...Object.fromEntries(differencesOf(scheduled).map(({ field, to }) => [field, to])) };
}

/**
 * Why whoever asks may not take this change back; null where they may. What somebody could not undo once it is done they do
 * not keep from being done either: what is to bind them, and what an owner alone lifts. Whoever has set it may.
 */
export async function reasonToKeep(
  context: TenantContext,
  scheduled: ScheduledPolicy,
  read: Read,
): Promise<string | null> {
  const { actor, tenant } = context;
  if (actor.kind !== 'user' || actor.id === scheduled.actorId) return null;
  const before: SecurityPolicy = (await PolicyRow.of(tenant.id)).get({ plain: true });
  const after = policyThen(before, scheduled);
  if (letsAlone(actor, after, before))
    return 'From then on no administrator resets a second factor alone. Only an owner takes that back.';
  const lifted = await liftedFrom(context, after, before, read);
  if (lifted === null) return null;
  const sooner = onlyPutsOff(lifted.field) ? ' sooner' : '';
  return `You must add ${lifted.lacking}${sooner} because of this change, and cannot take it back. Add that first.`;
}

/** What one policy demands of whoever asks, who has not added it, and the setting by which another would lift that; null where it would not. */
export async function liftedFrom(
  { user, now }: TenantContext,
  demanding: SecurityPolicy,
  other: SecurityPolicy,
  read: Read,
) {
  // Most changes lift nothing of anybody, and need no look.
  if (!user || demandLifted(demanding, other, { passkey: true }) === null) return null;
  const lacking = await lackingUnder(read, user, { policy: demanding, now });
  const field = lacking && demandLifted(demanding, other, { passkey: lacking !== 'a second factor' });
  return lacking && field ? { field, lacking } : null;
}
