import type { Row } from '#models/database.js';
import {
  demandedSince,
  enoughDue,
  passwordForbidden,
  passwordReach,
  passkeyDemanded,
  passkeyDue,
  secondFactorDemanded,
  secondFactorDue,
  type PasskeyCase,
  type PasswordCase,
} from '#policies/second-factor.js';
import type { RequestPolicy, SecondFactorInContext, UserInContext } from '#server/context.js';
import { askedOf, hasSecondFactor } from './factor-kind.js';

/** What is demanded of the user; nothing of a service account, which signs in nowhere. */
export function secondFactorOf(
  rows: readonly Row[],
  row: Row,
  { user, policy, now }: { user: UserInContext; policy: RequestPolicy; now: number },
): SecondFactorInContext {
  if (row['user_kind'] === 'service')
    return { demanded: false, dueAt: null, phishingResistant: false, password: 'all' };
  const demanding = rows.filter((one) => truth(one['requires_two_factor']));
  const marked = truth(row['must_set_up_two_factor']);
  const one = {
    has: hasSecondFactor(policy, user),
    policy,
    roleDemands: demanding.length > 0,
    marked,
    demandedSince: demandedSince({
      joinedAt: Number(row['joined_at']),
      policySince: policy.twoFactor === 'required' ? Number(row['policy_two_factor_since']) : null,
      rolesSince: demanding.map((role) => Number(role['role_two_factor_since'])),
      marked,
      reachedAt: Number(row['two_factor_since']),
    }),
  };
  const passkey: PasskeyCase = {
    policy,
    has: askedOf(policy, user).includes('passkey'),
    rolesSince: rows
      .filter((role) => truth(role['requires_phishing_resistant']))
      .map((role) => Number(role['phishing_resistant_since'])),
    joinedAt: Number(row['joined_at']),
    reachedAt: Number(row['two_factor_since']),
  };
  const alone: PasswordCase = {
    policy,
    kind: 'person',
    exempt: truth(row['exempt']),
    enough: truth(row['has_enough']),
    forbiddenSince: Number(row['password_forbidden_since']),
    joinedAt: Number(row['joined_at']),
  };
  const password = passwordReach(alone, now);
  // What demands a passkey demands a second factor, and no other will do.
  if (passkeyDemanded(passkey) || passwordForbidden(alone)) {
    const due = [secondFactorDue(one), passkeyDue(passkey), enoughDue(alone)].filter((at) => at !== null);
    return { demanded: true, dueAt: due.length === 0 ? null : Math.min(...due), phishingResistant: true, password };
  }
  return { demanded: secondFactorDemanded(one), dueAt: secondFactorDue(one), phishingResistant: false, password };
}

/** By when each kind must be there, for the duty that follows. */
export function dueOf({ dueAt, phishingResistant }: SecondFactorInContext) {
  return phishingResistant
    ? { passkeyDueAt: dueAt, secondFactorDueAt: null }
    : { passkeyDueAt: null, secondFactorDueAt: dueAt };
}

/** A boolean column: SQLite gives 0 and 1 where PostgreSQL gives false and true. */
export function truth(value: unknown): boolean {
  return value === true || value === 1;
}
