import type { SecurityPolicy } from './security-policy.js';

const DAY_MS = 86_400_000;

/** What the demand for a second factor stands on. Times in ms. */
export interface SecondFactorCase {
  /** Whether there is one, of whatever kind. */
  has: boolean;
  policy: Pick<SecurityPolicy, 'twoFactor' | 'graceDays'>;
  /** Holds a role marked "requires two-factor". */
  roleDemands: boolean;
  /** An admin marked this user. */
  marked: boolean;
  /** See `demandedSince()`. */
  demandedSince: number;
}

/** What may demand a second factor of a user, and since when each has done so (ms). */
export interface Demands {
  joinedAt: number;
  /** Null where the policy does not require it of everybody. */
  policySince: number | null;
  /** Of each role the user holds that requires it. */
  rolesSince: readonly number[];
  marked: boolean;
  /** Since when the mark, or a role that was given, has demanded it of this very user. */
  reachedAt: number;
}

/**
 * Since when a second factor has been demanded of this user. Each demand counts from when it reached them, and of
 * several the first: one more reason must never bring new days of grace.
 */
export function demandedSince({ joinedAt, policySince, rolesSince, marked, reachedAt }: Demands): number {
  const own = rolesSince.map((since) => Math.max(since, reachedAt));
  if (marked) own.push(reachedAt);
  if (policySince !== null) own.push(policySince);
  return own.length === 0 ? joinedAt : Math.max(joinedAt, Math.min(...own));
}

/** What a role demands of who holds it, and since when; 0 where it does not. */
interface DemandingRole {
  requiresTwoFactor: boolean;
  twoFactorSince: number;
  requiresPhishingResistant: boolean;
  phishingResistantSince: number;
}

/** What demands a second factor of one user alone. */
interface Demanding {
  mustSetUpTwoFactor: boolean;
  roles: readonly DemandingRole[];
}

/** `Demands.reachedAt` after a change of mark or roles: one more reason for it brings no new days of grace. */
export function reachedAt(since: number, before: Demanding, after: Demanding, now: number): number {
  const demanding = ({ roles }: Demanding) =>
    roles.filter((role) => role.requiresTwoFactor || role.requiresPhishingResistant);
  if (before.mustSetUpTwoFactor || (!after.mustSetUpTwoFactor && demanding(after).length === 0)) return since;
  const former = demanding(before).flatMap((role) =>
    [role.twoFactorSince, role.phishingResistantSince].filter((one) => one > 0),
  );
  return former.length === 0 ? now : Math.max(since, Math.min(...former));
}

/** What the demand for a passkey, which no false page can pass on, stands on. Times in ms. */
export interface PasskeyCase {
  policy: Pick<SecurityPolicy, 'passkeys' | 'graceDays'>;
  /** There is a passkey, whatever it may do now. */
  has: boolean;
  /** Of each role the user holds that demands one, since when. */
  rolesSince: readonly number[];
  joinedAt: number;
  reachedAt: number;
}

/** Whether one is demanded of this user, whatever the state is now: not where the organisation uses none. */
export function passkeyDemanded({ policy, rolesSince }: Pick<PasskeyCase, 'policy' | 'rolesSince'>): boolean {
  return policy.passkeys !== 'off' && rolesSince.length > 0;
}

/** Until when a user without the demanded passkey may go on (ms); null when none is demanded, or it is there. */
export function passkeyDue(one: PasskeyCase): number | null {
  if (one.has || !passkeyDemanded(one)) return null;
  const since = demandedSince({ ...one, policySince: null, marked: false });
  return since + one.policy.graceDays * DAY_MS;
}

/** True when this user must have two-factor authentication, whatever the state is now. */
export function secondFactorDemanded({
  policy,
  roleDemands,
  marked,
}: Pick<SecondFactorCase, 'policy' | 'roleDemands' | 'marked'>): boolean {
  if (policy.twoFactor === 'required') return true;
  // "Off" means that nobody is offered it; a role or an admin may still not demand what is not there.
  return policy.twoFactor !== 'off' && (roleDemands || marked);
}

/** Until when a user without the demanded second factor may go on (ms); null when none is demanded, or it is there. */
export function secondFactorDue(one: SecondFactorCase): number | null {
  if (one.has || !secondFactorDemanded(one)) return null;
  return one.demandedSince + one.policy.graceDays * DAY_MS;
}

// The weakest first: "off" means that not even a role may demand it.
const DEMANDS: readonly SecurityPolicy['twoFactor'][] = ['off', 'optional', 'required'];

/** The setting by which a change of the policy would demand less, or later; null when it does not. */
export function demandLifted(before: SecondFactorCase['policy'], after: SecondFactorCase['policy']) {
  if (DEMANDS.indexOf(after.twoFactor) < DEMANDS.indexOf(before.twoFactor)) return 'twoFactor';
  return after.graceDays > before.graceDays ? 'graceDays' : null;
}
