import type { Actor } from './actor.js';
import { isIpAllowed } from './ip-range.js';
import { mayActOnAnother, type TargetUser } from './user.js';

/** So many accounts of an organisation may be kept for the day on which nothing else opens it. */
export const MOST_BREAK_GLASS = 2;

/** Who may mark an account so, or take the mark: an owner, of somebody else. It lifts rules, and nobody lifts them from themselves. */
export function mayMarkBreakGlass(actor: Actor, target: TargetUser): boolean {
  const top = actor.kind !== 'user' || actor.top;
  return top && mayActOnAnother(actor, 'users:write', target);
}

/** Whether the address rule of the organisation keeps this user out of its pages; `exempt` is whose mark holds. */
export function isKeptOut(
  { exempt }: { exempt: boolean },
  { allowedIps }: { allowedIps: string },
  ip: string | null,
): boolean {
  return !exempt && !isIpAllowed(allowedIps, ip);
}
