import type { Actor } from './actor.js';
import { can } from './can.js';
import type { ApprovalKind } from './enumerations.js';

/** What somebody has asked for, as the rule looks at it. */
export interface RequestedApproval {
  kind: ApprovalKind;
  /** Whose account it is about. */
  userId: string;
  /** Who asks; null for the command line. */
  requestedBy: string | null;
}

/**
 * May the actor say yes or no to this? Never to what they have asked for themselves, nor to what is about their own
 * account: two people, or it is no approval. A token is an owner's to approve.
 */
export function mayDecide(actor: Actor, { kind, userId, requestedBy }: RequestedApproval): boolean {
  if (actor.kind !== 'user' || actor.id === requestedBy || actor.id === userId) return false;
  return can(actor, 'users:write') && DECIDED_BY[kind](actor);
}

const DECIDED_BY: Readonly<Record<ApprovalKind, (actor: Actor) => boolean>> = {
  'api-token': ({ top }) => top,
};
