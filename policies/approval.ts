import type { Actor } from './actor.js';
import { can } from './can.js';
import type { ApprovalKind } from './enumerations.js';
import { concernsOthers } from './permissions.js';
import { mayActOnAnother, type TargetUser } from './user.js';

/** For how long who asks and who approves must have had their rights, unchanged by anybody else. */
export const STEADY_MS = 72 * 3_600_000;

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
  /** Who has got of late what they may do: one administrator alone could have made them what they are. */
  newcomers: ReadonlySet<string>;
}

/**
 * May the actor say yes or no to this? Never to what they have asked for themselves, nor to what is about their own
 * account: two people, or it is no approval. A token is an owner's to approve; what is taken from an account, whoever might do
 * it themselves.
 */
export function mayDecide(actor: Actor, requested: RequestedApproval): boolean {
  const { kind, userId, requestedBy, decidingTenantId, newcomers } = requested;
  if (actor.kind !== 'user' || actor.id === requestedBy || actor.id === userId) return false;
  if (actor.tenantId !== decidingTenantId || !can(actor, 'users:write')) return false;
  if (kind === 'api-token') return actor.top;
  return !newcomers.has(actor.id ?? '') && mayTake(actor, requested.target);
}

function mayTake(actor: Actor, target: TargetUser | null): boolean {
  if (!target) return false;
  if (target.tenantId === actor.tenantId) return mayActOnAnother(actor, 'users:two-factor', target);
  return can(actor, 'tenants:write');
}

/** Whose account it is, for the question whether one administrator is enough. */
type Guarded = Pick<TargetUser, 'permissions' | 'top'> & {
  /** Has lost of late what made a second administrator needed: whoever took it is not to profit. */
  lately: boolean;
};

/**
 * Whether what is taken from this account waits for a second administrator. `others` may approve, or could of late, beside who
 * asks: with two of them it always does for whoever looks after others, whatever the policy says.
 */
export function needsSecondPerson(
  { twoPersonReset }: { twoPersonReset: boolean },
  { permissions, top, lately }: Guarded,
  others: number,
): boolean {
  if (twoPersonReset) return lately || [...permissions].some(concernsOthers);
  return others >= 2 && (lately || top || permissions.has('users:write'));
}
