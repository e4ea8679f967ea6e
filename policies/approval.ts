import type { Actor } from './actor.js';
import { can } from './can.js';
import type { ApprovalKind } from './enumerations.js';
import { concernsOthers } from './permissions.js';
import { mayActOnAnother, type TargetUser } from './user.js';

/** What somebody has asked for, as the rule looks at it. */
export interface RequestedApproval {
  kind: ApprovalKind;
  /** Whose account it is about. */
  userId: string;
  /** Who asks; null for the command line. */
  requestedBy: string | null;
  /** Whose people decide: the organisation itself, or the platform where nobody else in it may. */
  decidingTenantId: string;
  /** The account as it is now; null where it is gone. */
  target: TargetUser | null;
}

/**
 * May the actor say yes or no to this? Never to what they have asked for themselves, nor to what is about their own
 * account: two people, or it is no approval. A token is an owner's to approve; what is taken from an account, whoever might do
 * it themselves.
 */
export function mayDecide(actor: Actor, requested: RequestedApproval): boolean {
  const { kind, userId, requestedBy, decidingTenantId } = requested;
  if (actor.kind !== 'user' || actor.id === requestedBy || actor.id === userId) return false;
  if (actor.tenantId !== decidingTenantId || !can(actor, 'users:write')) return false;
  return kind === 'api-token' ? actor.top : mayTake(actor, requested.target);
}

function mayTake(actor: Actor, target: TargetUser | null): boolean {
  if (!target) return false;
  if (target.tenantId === actor.tenantId) return mayActOnAnother(actor, 'users:two-factor', target);
  return can(actor, 'tenants:write');
}

/**
 * Whether what is taken from this account waits for a second administrator. `others` may approve, beside who asks: with two of
 * them it always does for whoever looks after others, whatever the policy says.
 */
export function needsSecondPerson(
  { twoPersonReset }: { twoPersonReset: boolean },
  { permissions, top }: Pick<TargetUser, 'permissions' | 'top'>,
  others: number,
): boolean {
  if (twoPersonReset) return [...permissions].some(concernsOthers);
  return others >= 2 && (top || permissions.has('users:write'));
}
