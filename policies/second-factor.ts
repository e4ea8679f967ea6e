import type { PasswordReach } from './authentication.js';
import type { UserKind } from './enumerations.js';
import type { SecurityPolicy } from './security-policy.js';

const DAY_MS = 86_400_000;

// When the days of grace are over, of what has been demanded since then (ms).
function graceEnds(since: number, { graceDays }: Pick<SecurityPolicy, 'graceDays'>): number {
  return since + graceDays * DAY_MS;
}

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
  return graceEnds(since, one.policy);
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
  return graceEnds(one.demandedSince, one.policy);
}

// The weakest first: "off" means that not even a role may demand it.
const DEMANDS: readonly SecurityPolicy['twoFactor'][] = ['off', 'optional', 'required'];

/** What of the policy makes a demand, or says by when. */
type DemandingPolicy = Pick<SecurityPolicy, 'twoFactor' | 'passkeys' | 'passwordSignIn' | 'graceDays'>;

/**
 * The setting by which a change of the policy would demand less, or later, of whoever must add what `passkey` says; null
 * when it does not.
 */
export function demandLifted(before: DemandingPolicy, after: DemandingPolicy, { passkey }: { passkey: boolean }) {
  if (DEMANDS.indexOf(after.twoFactor) < DEMANDS.indexOf(before.twoFactor)) return 'twoFactor';
  // Where passkeys sleep no role demands one, and where passwords sign in nobody must do without.
  if (passkey && before.passkeys !== 'off' && after.passkeys === 'off') return 'passkeys';
  if (passkey && before.passwordSignIn === 'forbidden' && after.passwordSignIn !== 'forbidden') return 'passwordSignIn';
  return after.graceDays > before.graceDays ? 'graceDays' : null;
}

/** Whether what is lifted by this setting is not the demand, but the day on which it is to be met. */
export function onlyPutsOff(field: string): boolean {
  return field === 'graceDays';
}

/** What it stands on, what a password opens. Times in ms. */
export interface PasswordCase {
  policy: Pick<SecurityPolicy, 'passwordSignIn' | 'graceDays'>;
  kind: UserKind;
  /** Is kept for the day on which nothing else opens the organisation, and its mark holds: nothing is taken from its password. */
  exempt: boolean;
  /** Has two passkeys that sign in alone, or one and recovery codes. */
  enough: boolean;
  /** Since when the policy forbids it; 0 where it does not. */
  forbiddenSince: number;
  joinedAt: number;
}

/** Whether this is somebody who signs in with a passkey, and never with a password. */
export function passwordForbidden({ policy, kind, exempt }: Pick<PasswordCase, 'policy' | 'kind' | 'exempt'>): boolean {
  return policy.passwordSignIn === 'forbidden' && kind === 'person' && !exempt;
}

/** What the password opens at this time. */
export function passwordReach(one: PasswordCase, now: number): PasswordReach {
  if (!passwordForbidden(one)) return 'all';
  const due = enoughDue(one);
  return due !== null && now < due ? 'set-up' : 'nothing';
}

/** By when they must have enough to do without it (ms); null where they have, or it is not forbidden. */
export function enoughDue(one: PasswordCase): number | null {
  if (one.enough || !passwordForbidden(one)) return null;
  return graceEnds(Math.max(one.joinedAt, one.forbiddenSince), one.policy);
}
