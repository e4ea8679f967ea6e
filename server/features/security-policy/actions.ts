import { Transaction } from 'sequelize';
import { PolicyEntry } from '#models/policy-entry.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import { readInTransaction } from '#models/transaction.js';
import { can } from '#policies/can.js';
import type { PolicyWay } from '#policies/enumerations.js';
import { differencesBetween, type PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { record, type Details } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { applyLimits } from './limits.js';
import { type PolicyChange, policyAfter } from './change.js';
import { inDetails } from './details.js';
import { heedWaiting } from './heed-waiting.js';

/** The policy of the caller's tenant. */
export async function readPolicy(context: TenantContext): Promise<SecurityPolicy> {
  if (!can(context.actor, 'policy:read')) throw new Forbidden();
  return PolicyRow.of(context.tenant.id);
}

/**
 * Changes the policy, from now on and for everybody: sessions that it no longer allows end. Of two who save the same value at
 * the same time the second is told, or wins where it does not say what it has seen; log and history tell of each change, with
 * what it found and what it left. `restores` is the entry of the history that is put back. Gives what has changed, and the policy as it is now.
 */
export async function changePolicy(
  context: TenantContext,
  change: PolicyChange,
  { restores = null }: { restores?: string | null } = {},
): Promise<{ after: SecurityPolicy; differences: PolicyDifference[]; sessionsEnded: number }> {
  return actingNow(
    context,
    'policy:write',
    (acting) => applyChange(acting, change, { way: restores === null ? 'changed' : 'restored', restores }),
    { organisation: true },
  );
}

/** How a change comes about. */
interface Manner {
  way: PolicyWay;
  restores: string | null;
  /** From where it was set, where that was long ago: an address list must not shut that out. */
  from?: string | null;
}

/** Changes the policy, notes that, and does what the new one demands. Inside a write that holds the organisation. */
export async function applyChange(acting: TenantContext, change: PolicyChange, { way, restores, from }: Manner) {
  const { tenant, now } = acting;
  const row = await PolicyRow.findByPk(tenant.id, { lock: Transaction.LOCK.UPDATE, rejectOnEmpty: true });
  // A copy: what the row gives is its own, and changes with it.
  const before = { ...row.get({ plain: true }) };
  const after = policyAfter(from === undefined ? acting : { ...acting, ip: from }, before, change);
  if (way !== 'scheduled') await heedWaiting(acting, before, after, readInTransaction);
  const differences = differencesBetween(before, after);
  if (differences.length === 0) return { after, differences, sessionsEnded: 0 };
  const passwordsEnd = after.passwordSignIn === 'forbidden' && before.passwordSignIn !== 'forbidden';
  const demandBegins = after.twoFactor === 'required' && before.twoFactor !== 'required';
  await row.update({
    ...Object.fromEntries(differences.map(({ field, to }) => [field, to])),
    ...(demandBegins ? { twoFactorSince: now } : {}),
    ...(passwordsEnd ? { passwordForbiddenSince: now } : {}),
    updatedAt: now,
  });
  const hit = await applyLimits(acting, before, after);
  const details: Details = inDetails(differences);
  Object.assign(details, Object.fromEntries(Object.entries(hit).filter(([, count]) => count > 0)));
  if (restores !== null) Object.assign(details, { restored: restores });
  const { actor, door } = acting;
  const noted = { actor, door, changedAt: now, way, differences, state: after, restoredId: restores } as const;
  await PolicyEntry.add({ tenantId: tenant.id, ...noted });
  await record(acting, { event: 'policy.changed', target: { type: 'policy', id: tenant.id }, details });
  return { after, differences, sessionsEnded: hit['sessionsEnded'] ?? 0 };
}
