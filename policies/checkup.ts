import type { Permission } from './permissions.js';

/** How pressing something is: `now` cannot be put off. */
export const URGENCIES = ['now', 'todo'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What may be found about an account, for its owner. */
export const OWN_ITEMS = [
  'no-second-factor',
  'no-passkey',
  'few-recovery-codes',
  'one-passkey',
  'unknown-session',
  'unconfirmed-address',
  'password-ending',
  'ending-token',
  'unused-token',
] as const;

/** What may be found about an organisation, with the permission to see what it is about. */
export const ORGANISATION_ITEMS = {
  'log-broken': 'log:read',
  'approvals-waiting': 'users:write',
  'admins-without-second-factor': 'users:read',
  'people-without-passkey': 'users:read',
  'lock-spike': 'log:read',
  'mail-stuck': 'users:read',
  'policy-below-preset': 'policy:read',
  'few-owners': 'users:read',
  'keys-without-end': 'credentials:read',
  'tokens-over-policy': 'credentials:read',
  'unused-tokens': 'credentials:read',
  'break-glass-unused': 'users:read',
  'stale-accounts': 'users:read',
  'old-invitations': 'users:read',
  'log-unverified': 'log:read',
  'no-backup': 'tenants:read',
} as const satisfies Record<string, Permission>;

export type OwnItem = (typeof OWN_ITEMS)[number];
export type OrganisationItem = keyof typeof ORGANISATION_ITEMS;
export type CheckupItem = OwnItem | OrganisationItem;

/** True for what may be found about somebody's own account. */
export function isOwnItem(text: string): text is OwnItem {
  return (OWN_ITEMS as readonly string[]).includes(text);
}

/** True for what may be found about an organisation. */
export function isOrganisationItem(text: string): text is OrganisationItem {
  return Object.hasOwn(ORGANISATION_ITEMS, text);
}

/** A lock spike: so many times what is usual, and so many at the least. */
const SPIKE = { times: 5, least: 10 };

/** Whether so many locked accounts in a day are out of the ordinary, after the days before it. */
export function isLockSpike(locked: number, before: readonly number[]): boolean {
  const sorted = [...before].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? 0;
  const median = (low + (sorted[Math.floor(middle)] ?? 0)) / 2;
  return locked >= SPIKE.least && locked >= SPIKE.times * median;
}
