import type { PasswordRules } from '#policies/password.js';
import { PRESETS, type PolicyPreset, type SecurityPolicy, type TwoFactorRule } from '#policies/security-policy.js';

/** The part of the policy that presets are made of. */
export const PASSWORD_FIELDS = Object.keys(PRESETS.nist) as readonly (keyof PasswordRules)[];
export const SESSION_FIELDS = [
  'lockoutThreshold',
  'sessionIdleMinutes',
  'sessionMaxHours',
  'maxSessions',
  'stepUpMinutes',
] as const;

export const TWO_FACTOR_FIELDS = ['twoFactor', 'graceDays', 'rememberBrowserDays'] as const;
export const PROGRAM_FIELDS = ['tokenMaxMonths', 'allowPasswordOnApi', 'allowedIps'] as const;

/** What the policy page shows and changes. */
export type PolicyField =
  | keyof PasswordRules
  | (typeof SESSION_FIELDS)[number]
  | (typeof TWO_FACTOR_FIELDS)[number]
  | (typeof PROGRAM_FIELDS)[number];
export const POLICY_FIELDS: readonly PolicyField[] = [
  ...PASSWORD_FIELDS,
  ...SESSION_FIELDS,
  ...TWO_FACTOR_FIELDS,
  ...PROGRAM_FIELDS,
];

interface FieldWords {
  label: string;
  /** After a number: one, and more than one. */
  units?: readonly [string, string];
  /** What 0 means. */
  none?: string;
}

const WORDS: Readonly<Record<PolicyField, FieldWords>> = {
  minLength: { label: 'Minimum length', units: ['character', 'characters'] },
  requireUpper: { label: 'Capital letter needed' },
  requireLower: { label: 'Small letter needed' },
  requireDigit: { label: 'Digit needed' },
  requireSymbol: { label: 'Symbol needed' },
  forbidNames: { label: 'Names refused' },
  forbidCommon: { label: 'Common passwords refused' },
  minScore: { label: 'Strength', units: ['of 4 or more', 'of 4 or more'], none: 'Not measured' },
  history: { label: 'Former passwords refused', units: ['password', 'passwords'], none: 'None' },
  maxAgeDays: { label: 'Must be changed after', units: ['day', 'days'], none: 'Never' },
  minAgeHours: { label: 'May be changed again after', units: ['hour', 'hours'], none: 'At once' },
  changeAtFirstSignIn: { label: 'Changed at first sign-in' },
  lockoutThreshold: { label: 'Lock an account after', units: ['wrong password', 'wrong passwords'] },
  sessionIdleMinutes: { label: 'Sign out when idle for', units: ['minute', 'minutes'] },
  sessionMaxHours: { label: 'Sign out after', units: ['hour', 'hours'] },
  maxSessions: { label: 'Sessions at once', units: ['session', 'sessions'] },
  stepUpMinutes: { label: 'Confirm again after', units: ['minute', 'minutes'] },
  twoFactor: { label: 'Two-factor authentication' },
  graceDays: { label: 'Time to set it up', units: ['day', 'days'], none: 'None' },
  rememberBrowserDays: { label: 'A browser may be remembered for', units: ['day', 'days'], none: 'Never' },
  tokenMaxMonths: { label: 'Longest validity of API credentials', units: ['month', 'months'] },
  allowPasswordOnApi: { label: 'Sign-in password on the API' },
  allowedIps: { label: 'Allowed IP addresses' },
};

export const PRESET_LABELS: Readonly<Record<PolicyPreset, string>> = {
  nist: 'NIST SP 800-63B',
  pci: 'PCI DSS 4',
  classic: 'Classic',
  custom: 'Custom',
};

export const TWO_FACTOR_LABELS: Readonly<Record<TwoFactorRule, string>> = {
  off: 'Off',
  optional: 'Optional',
  required: 'Required of all',
};

/** What the page calls a field of the policy; null when it is none. */
export function policyLabel(field: string): string | null {
  if (field === 'preset') return 'Preset';
  return Object.hasOwn(WORDS, field) ? WORDS[field as PolicyField].label : null;
}

/** A value of the policy as people say it: "15 characters", "Never", "Yes". */
export function policyValue(field: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (field === 'preset' && isPreset(value)) return PRESET_LABELS[value];
  if (field === 'twoFactor' && isTwoFactorRule(value)) return TWO_FACTOR_LABELS[value];
  if (field === 'allowedIps') return value === '' ? 'All' : String(value).replaceAll('\n', ', ');
  if (typeof value !== 'number' || !Object.hasOwn(WORDS, field)) return String(value);
  const { units, none } = WORDS[field as PolicyField];
  if (value === 0 && none !== undefined) return none;
  return units ? `${value} ${units[value === 1 ? 0 : 1]}` : String(value);
}

function isTwoFactorRule(value: unknown): value is TwoFactorRule {
  return typeof value === 'string' && Object.hasOwn(TWO_FACTOR_LABELS, value);
}

function isPreset(value: unknown): value is PolicyPreset {
  return typeof value === 'string' && Object.hasOwn(PRESET_LABELS, value);
}

/** The policy, or a part of it, as lines of label and value. */
export function policyFacts(
  policy: SecurityPolicy,
  fields: readonly PolicyField[],
): { label: string; value: string }[] {
  return fields.map((field) => ({ label: WORDS[field].label, value: policyValue(field, policy[field]) }));
}
