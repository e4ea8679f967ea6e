import type { User } from '#models/user.js';
import type { CheckupItem } from '#policies/checkup.js';
import type { Finding } from '#server/checkup/finding.js';
import { labelsOf } from '#server/identity/factor-kind.js';
import { FEW_LEFT } from '#server/identity/recovery-codes.js';
import { DAY } from '#server/lib/clock.js';
import type { CredentialSummary } from '../api-credentials/own-summary.js';

/** One tile of the strip on top of the Security page: how something stands, and the next step. */
export interface SecurityState {
  label: string;
  text: string;
  /** `now`: urgent; `todo`: better done; `good`: nothing to do; `plain`: neither. */
  kind: 'now' | 'todo' | 'good' | 'plain';
  /** `post`: the step is taken by the press itself. */
  step: { label: string; href: string; post?: boolean };
}

export interface StateFacts {
  now: number;
  twoFactor: User['twoFactor'];
  /** The kinds that are asked for beside the password. */
  factors: readonly string[];
  /** Where the organisation offers none, its lack is nobody's to mend. */
  twoFactorOffered: boolean;
  twoFactorDemanded: boolean;
  passwordChangedAt: number | null;
  passwordExpiresAt: number | null;
  recoveryCodesLeft: number;
  sessionCount: number;
  newSessionCount: number;
  credentials: CredentialSummary;
  sshKeyCount: number;
  passkeyCount: number;
  passkeysOffered: boolean;
}

const SOON = 14 * DAY;

/** The states of an account, in the order of the sections below them; each row of the strip is one entry. */
export function securityStates(facts: StateFacts): SecurityState[] {
  return [passwordState, twoFactorState, passkeyState, codesState, sessionState, programState].flatMap(
    (row) => row(facts) ?? [],
  );
}

/** Which tile of the strip tells of what the check-up finds. */
const TOLD_BY: Readonly<Partial<Record<CheckupItem, string>>> = {
  'no-second-factor': 'Two-factor',
  'one-passkey': 'Passkeys',
  'no-passkey': 'Passkeys',
  'few-recovery-codes': 'Recovery codes',
  'unknown-session': 'Sessions',
  'password-ending': 'Password',
  'ending-token': 'Tokens and keys',
  'unused-token': 'Tokens and keys',
};

/** The states as the check-up judges them, so that strip and verdict say the same: what it does not find is not to do. */
export function judged(states: readonly SecurityState[], findings: readonly Finding[]): SecurityState[] {
  const standing = findings.filter(({ putOffUntil }) => putOffUntil === null);
  return states.map((state) => {
    const [worst] = standing.filter(({ item }) => TOLD_BY[item] === state.label);
    if (worst) return { ...state, kind: worst.urgency };
    return state.kind === 'good' ? state : { ...state, kind: 'plain' };
  });
}

function passwordState({ now, passwordChangedAt, passwordExpiresAt }: StateFacts): SecurityState {
  const step = { label: 'Change it', href: '/security?form=password#password' };
  const old = passwordChangedAt === null ? 'Not set yet' : `Set ${ageOf(now - passwordChangedAt)}`;
  const ends = passwordExpiresAt !== null && passwordExpiresAt - now <= SOON;
  return { label: 'Password', text: ends ? 'Must be changed soon' : old, kind: ends ? 'todo' : 'plain', step };
}

function twoFactorState({ twoFactor, twoFactorOffered, twoFactorDemanded, factors }: StateFacts): SecurityState {
  const label = 'Two-factor';
  const href = '/security/two-factor';
  const kind = twoFactorDemanded ? 'now' : 'todo';
  if (twoFactor === 'active') return { label, text: 'Active', kind: 'good', step: { label: 'Manage', href } };
  if (twoFactor === 'pending') return { label, text: 'Pending', kind, step: { label: 'Finish the set-up', href } };
  // Every other kind is a second factor as good as an app.
  if (factors.length > 0)
    return { label, text: `By ${labelsOf(factors).toLowerCase()}`, kind: 'good', step: { label: 'Add an app', href } };
  if (!twoFactorOffered) return { label, text: 'Not in use here', kind: 'plain', step: { label: 'About it', href } };
  return { label, text: 'Disabled', kind, step: { label: 'Set it up', href: `${href}/setup`, post: true } };
}

function passkeyState({ passkeyCount: count, passkeysOffered }: StateFacts): SecurityState | undefined {
  if (!passkeysOffered) return undefined;
  const step = {
    label: count > 0 ? 'Manage' : 'Add one',
    href: count > 0 ? '/security/passkeys' : '/security/passkeys/new',
  };
  return { label: 'Passkeys', text: count > 0 ? String(count) : 'None', kind: count > 0 ? 'good' : 'plain', step };
}

function codesState({ twoFactor, recoveryCodesLeft: left }: StateFacts): SecurityState | undefined {
  if (twoFactor !== 'active') return undefined;
  const few = left <= FEW_LEFT;
  const step = { label: few ? 'Make new ones' : 'Manage', href: '/security/two-factor' };
  return { label: 'Recovery codes', text: `${left} left`, kind: few ? (left === 0 ? 'now' : 'todo') : 'good', step };
}

function sessionState({ sessionCount, newSessionCount: fresh }: StateFacts): SecurityState {
  const step = { label: fresh > 0 ? 'Look at them' : 'See them', href: '/security/sessions' };
  const text = fresh > 0 ? `${fresh} new` : sessionCount === 1 ? 'This browser only' : `${sessionCount} browsers`;
  return { label: 'Sessions', text, kind: fresh > 0 ? 'todo' : 'plain', step };
}

function programState({ credentials, sshKeyCount }: StateFacts): SecurityState {
  const { liveTokens, key, password, ending } = credentials;
  const count = liveTokens + [key, password].filter((one) => one && !one.expired).length + sshKeyCount;
  const text =
    ending > 0 ? (ending === 1 ? 'One ends soon' : `${ending} end soon`) : count === 0 ? 'None' : `${count} in use`;
  const step = { label: 'See them', href: '#programs' };
  return { label: 'Tokens and keys', text, kind: ending > 0 ? 'todo' : 'plain', step };
}

function ageOf(ms: number): string {
  const days = Math.floor(ms / DAY);
  if (days < 1) return 'today';
  if (days < 60) return days === 1 ? 'yesterday' : `${days} days ago`;
  return days < 730 ? `${Math.floor(days / 30.44)} months ago` : `${Math.floor(days / 365.25)} years ago`;
}
