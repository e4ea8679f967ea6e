import { PASSWORD_FLOOR, PASSWORD_MAX } from './password.js';
import type { PasswordRules } from './password.js';

export const PRESET_NAMES = ['nist', 'pci', 'classic'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];
export type PolicyPreset = PresetName | 'custom';

export const TWO_FACTOR_RULES = ['off', 'optional', 'required'] as const;
export type TwoFactorRule = (typeof TWO_FACTOR_RULES)[number];

/** Everything an organisation decides about the security of its accounts. */
export interface SecurityPolicy extends PasswordRules {
  readonly preset: PolicyPreset;
  /** Failed sign-ins before an account is locked for a while. */
  readonly lockoutThreshold: number;
  readonly twoFactor: TwoFactorRule;
  /** Days in which a person who must have a second factor may still sign in without one. */
  readonly graceDays: number;
  /** How long a browser may be remembered, so that it is not asked for a code; 0 is never. */
  readonly rememberBrowserDays: number;
  readonly sessionIdleMinutes: number;
  readonly sessionMaxHours: number;
  readonly maxSessions: number;
  /** How long a confirmed sign-in stands for sensitive steps. */
  readonly stepUpMinutes: number;
  /** Longest validity of an API credential, 1–12. */
  readonly tokenMaxMonths: number;
  /** Whether HTTP Basic on the API takes the sign-in password. */
  readonly allowPasswordOnApi: boolean;
  /** Addresses and ranges that may reach this organisation, separated by commas, spaces or lines; empty is all. */
  readonly allowedIps: string;
}

export type PolicyNumber = {
  [Field in keyof SecurityPolicy]: SecurityPolicy[Field] extends number ? Field : never;
}[keyof SecurityPolicy];

export interface PolicyRange {
  readonly min: number;
  readonly max: number;
}

/** NIST SP 800-63B-4, 3.1.1.2: 15 characters where the password may stand alone, a list of common ones and of
 * names, and neither composition rules, nor expiry, nor history, which make people choose weaker ones. */
const NIST: PasswordRules = {
  minLength: 15,
  requireUpper: false,
  requireLower: false,
  requireDigit: false,
  requireSymbol: false,
  forbidNames: true,
  forbidCommon: true,
  minScore: 0,
  history: 0,
  maxAgeDays: 0,
  minAgeHours: 0,
  changeAtFirstSignIn: false,
};

/** PCI DSS 4.0.1: 12 characters, letters and digits (8.3.6); not the last four (8.3.7); 90 days where no second
 * factor is asked (8.3.9); changed at first use (8.3.5). It does not ask for a common-password list: kept, it costs nobody. */
const PCI: PasswordRules = {
  ...NIST,
  minLength: 12,
  requireLower: true,
  requireDigit: true,
  history: 4,
  maxAgeDays: 90,
  changeAtFirstSignIn: true,
};

/** What most company handbooks still say, after NIST SP 800-63 of 2004 (appendix A: 8 characters, four classes);
 * age of a day, without which a history of five is gone in a minute. */
const CLASSIC: PasswordRules = {
  ...PCI,
  minLength: 8,
  requireUpper: true,
  requireSymbol: true,
  history: 5,
  minAgeHours: 24,
};

/** The password values of each preset. */
export const PRESETS: Readonly<Record<PresetName, PasswordRules>> = Object.freeze({
  nist: Object.freeze(NIST),
  pci: Object.freeze(PCI),
  classic: Object.freeze(CLASSIC),
});

/** What an organisation starts with. The session and step-up times are those of OWASP's session guidance, the
 * lock-out far below the 100 attempts that NIST allows. */
export const DEFAULT_POLICY: SecurityPolicy = Object.freeze({
  ...PRESETS.nist,
  preset: 'nist',
  lockoutThreshold: 5,
  twoFactor: 'optional',
  graceDays: 14,
  rememberBrowserDays: 0,
  sessionIdleMinutes: 30,
  sessionMaxHours: 12,
  maxSessions: 20,
  stepUpMinutes: 10,
  tokenMaxMonths: 12,
  allowPasswordOnApi: false,
  allowedIps: '',
});

/** What the platform lets an organisation choose, both ends included: no policy can be set below its floor. */
export const POLICY_RANGES: Readonly<Record<PolicyNumber, PolicyRange>> = Object.freeze({
  minLength: { min: PASSWORD_FLOOR, max: PASSWORD_MAX },
  minScore: { min: 0, max: 4 },
  history: { min: 0, max: 24 },
  maxAgeDays: { min: 0, max: 730 },
  minAgeHours: { min: 0, max: 168 },
  lockoutThreshold: { min: 3, max: 20 },
  graceDays: { min: 0, max: 90 },
  rememberBrowserDays: { min: 0, max: 30 },
  sessionIdleMinutes: { min: 5, max: 480 },
  sessionMaxHours: { min: 1, max: 168 },
  maxSessions: { min: 1, max: 100 },
  stepUpMinutes: { min: 1, max: 60 },
  tokenMaxMonths: { min: 1, max: 12 },
});

/** The preset that these password values are, to the last one; else `custom`. */
export function presetOf(rules: PasswordRules): PolicyPreset {
  return PRESET_NAMES.find((name) => sameRules(PRESETS[name], rules)) ?? 'custom';
}

function sameRules(preset: PasswordRules, rules: PasswordRules): boolean {
  return (Object.keys(preset) as (keyof PasswordRules)[]).every((field) => preset[field] === rules[field]);
}
