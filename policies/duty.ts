import type { PasswordReach } from './authentication.js';
import type { UserKind } from './enumerations.js';
import { passwordHasExpired } from './password-age.js';
import type { SecurityPolicy } from './security-policy.js';

/**
 * What somebody must do before anything else: they are in *limited mode*, in a browser and through programs alike. `pass` is
 * of a session that an access pass opened: it can set factors and password, and nothing else, ever. `passkey` is of who must
 * sign in with one, and has none, or has shown none.
 */
export type Duty = 'removal' | 'password' | 'two-factor' | 'passkey' | 'pass';

/** Of which duties it is a part to set up an app, to add a passkey, or to let one sign in alone: whoever has another does that first. */
export const PART_OF: Readonly<Record<'app' | 'passkey' | 'promotion', readonly Duty[]>> = {
  app: ['two-factor', 'pass'],
  passkey: ['two-factor', 'passkey', 'pass'],
  promotion: ['passkey'],
};

/** What a duty stands on. Times in ms. */
export interface DutyCase {
  kind: UserKind;
  /** When the account goes, whose owner has asked for that; null for one that stays. */
  removalAt: number | null;
  mustChangePassword: boolean;
  passwordChangedAt: number | null;
  policy: Pick<SecurityPolicy, 'maxAgeDays'>;
  /** What the password opens: of one that opens nothing nobody must choose another. */
  password: PasswordReach;
  /** By when a second factor must be there; null when none is demanded, or it is. */
  secondFactorDueAt: number | null;
  /** The same of a passkey. */
  passkeyDueAt: number | null;
}

/** The first thing this account must do before anything else; null when there is none. A service account has none. */
export function dutyOf(one: DutyCase, now: number): Duty | null {
  if (one.kind === 'service') return null;
  // First: who is on the way out does nothing else, but for turning round.
  if (one.removalAt !== null) return 'removal';
  const outdated = one.mustChangePassword || passwordHasExpired(one.passwordChangedAt, one.policy, now);
  if (outdated && one.password === 'all') return 'password';
  if (one.passkeyDueAt !== null && now >= one.passkeyDueAt) return 'passkey';
  return one.secondFactorDueAt !== null && now >= one.secondFactorDueAt ? 'two-factor' : null;
}
