import { can } from '#policies/can.js';
import { PART_OF } from '#policies/duty.js';
import { isIpAllowed } from '#policies/ip-range.js';
import type { Permission } from '#policies/permissions.js';
import { Bound, Forbidden, Outside, Unauthenticated } from '#server/errors.js';
import type { Caller, Verdict } from './credential-read.js';
import type { Standing } from './principal-row.js';

/**
 * What something asks of whoever does it:
 * - a permission
 * - `own`: it is about their own account; whoever must do something else first does that first
 * - `whole`: the same, and not by a token that is limited to some permissions
 * - `duty`: their own account, and is that something else, or lies on the way to it
 * - `withdrawal`: they stay after all, whose account is about to go, and who may do nothing else
 * - `leaving`: signing out, which is open from everywhere and at any time
 */
export type Demand = Permission | 'own' | 'whole' | 'duty' | 'withdrawal' | 'leaving';

/**
 * Throws unless who is signed in may do what demands this: `Outside` for an address that the organisation lets nobody in
 * from, `Bound` for who must do something else first, `Forbidden`. The same question at the door and at the write.
 */
export function admit({ outside, duty, actor }: Pick<Standing, 'outside' | 'duty' | 'actor'>, demand: Demand): void {
  if (demand === 'leaving') return;
  if (outside) refuseOutside();
  if (demand === 'withdrawal') {
    if (duty !== null && duty !== 'removal') throw new Bound(duty);
    return;
  }
  if (demand === 'duty' && duty !== 'removal') return;
  if (duty !== null) throw new Bound(duty);
  if (demand !== 'own' && demand !== 'whole' && demand !== 'duty' && !can(actor, demand)) throw new Forbidden();
}

/** Throws `Bound` for who must do something first that this step is no part of. */
export function refuseOtherDuty({ duty }: Pick<Standing, 'duty'>, step: keyof typeof PART_OF): void {
  if (duty !== null && !PART_OF[step].includes(duty)) throw new Bound(duty);
}

/** Throws `Outside`: the organisation lets nobody in from there. */
export function refuseOutside(): never {
  throw new Outside(
    'Your organisation lets nobody in from the address you are at. Go to one of its own networks and try again.',
  );
}

/** The caller behind a credential that is good. Throws `Unauthenticated`, which says expired, revoked or invalid. */
export function callerOf(verdict: Verdict): Caller {
  if ('caller' in verdict) return verdict.caller;
  if (verdict.refused === 'token_expired')
    throw new Unauthenticated('token_expired', 'This credential has expired. Make a new one.');
  if (verdict.refused === 'token_revoked')
    throw new Unauthenticated('token_revoked', 'This credential was revoked, or its owner may no longer use it.');
  if (verdict.refused === 'token_waiting')
    throw new Unauthenticated('token_waiting', 'This token waits for the approval of an owner, and opens nothing yet.');
  throw new Unauthenticated('invalid_credentials', 'This credential is not valid.');
}

/** Throws while a good credential may not be used: its owner must do something else first, or it comes from elsewhere. */
export function admitCaller(caller: Caller, ip: string | null): void {
  if (caller.duty === 'removal')
    throw new Unauthenticated('token_revoked', 'The owner of this credential has asked to be deleted.');
  if (caller.duty === 'password')
    throw new Unauthenticated('token_revoked', 'The owner of this credential must choose a new password first.');
  if (caller.duty === 'two-factor')
    throw new Unauthenticated(
      'token_revoked',
      'The owner of this credential must set up two-factor authentication first.',
    );
  if (caller.duty === 'passkey')
    throw new Unauthenticated('token_revoked', 'The owner of this credential must add a passkey first.');
  if (isOutside(caller, ip)) throw new Outside('This credential may not be used from your address.');
}

/** Whether a credential is used from where it, or its organisation, does not allow that. */
export function isOutside({ outside, allowedIps }: Caller, ip: string | null): boolean {
  return outside || !isIpAllowed(allowedIps, ip);
}

/** Throws `Forbidden` unless the caller may do what demands this. */
export function demandOfCaller({ actor, narrowed }: Pick<Caller, 'actor' | 'narrowed'>, demand: Demand): void {
  if (demand === 'own' || demand === 'duty' || demand === 'withdrawal' || demand === 'leaving') return;
  if (demand === 'whole') {
    if (narrowed)
      throw new Forbidden('This token is limited to some permissions, and cannot change the account of its owner.', '');
    return;
  }
  if (!can(actor, demand)) throw new Forbidden(`This credential lacks the permission ${demand}.`, demand);
}
