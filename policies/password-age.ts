import type { PasswordRules } from './password.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type PasswordAge = Pick<PasswordRules, 'maxAgeDays'>;
/** When a password set at this time stops being accepted, in ms since the epoch; null is never. */
export function passwordExpiresAt(changedAtMs: number, rules: PasswordAge): number | null {
  return rules.maxAgeDays > 0 ? changedAtMs + rules.maxAgeDays * DAY_MS : null;
}

/** True when a password set at this time (ms; null for never) is older than the policy allows. */
export function passwordHasExpired(changedAtMs: number | null, rules: PasswordAge, nowMs: number): boolean {
  return rules.maxAgeDays > 0 && changedAtMs !== null && nowMs >= changedAtMs + rules.maxAgeDays * DAY_MS;
}

/** When its owner may change it again, in ms since the epoch; null is at once. Never later than it expires: who must change, may. */
export function mayChangeAgainAt(changedAtMs: number, rules: PasswordRules): number | null {
  if (rules.minAgeHours <= 0) return null;
  return Math.min(changedAtMs + rules.minAgeHours * HOUR_MS, passwordExpiresAt(changedAtMs, rules) ?? Infinity);
}
