import { PRESET_NAMES, type PolicyPreset, type PresetName } from './enumerations.js';
import type { PasswordRules } from './password.js';
import { PASSWORD_SETTINGS } from './password-settings.js';
import { initialValues, type PolicyValues } from './settings.js';

/** Everything an organisation decides about the security of its accounts. */
export type SecurityPolicy = PolicyValues & { readonly preset: PolicyPreset };

/** NIST SP 800-63B-4, 3.1.1.2: 15 characters where the password may stand alone, a list of common ones and of
 * names, and neither composition rules, nor expiry, nor history, which make people choose weaker ones. */
const NIST: PasswordRules = initialRules();

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

/** What each preset is called. */
export const PRESET_LABELS: Readonly<Record<PolicyPreset, string>> = {
  nist: 'NIST SP 800-63B',
  pci: 'PCI DSS 4',
  classic: 'Classic',
  custom: 'Custom',
};

/** What an organisation starts with. */
export const DEFAULT_POLICY: SecurityPolicy = Object.freeze({ ...initialValues(), preset: 'nist' });

/** The preset that these password values are, to the last one; else `custom`. */
export function presetOf(rules: PasswordRules): PolicyPreset {
  return PRESET_NAMES.find((name) => sameRules(PRESETS[name], rules)) ?? 'custom';
}

function sameRules(preset: PasswordRules, rules: PasswordRules): boolean {
  return (Object.keys(preset) as (keyof PasswordRules)[]).every((field) => preset[field] === rules[field]);
}

function initialRules(): PasswordRules {
  const rules = Object.entries(PASSWORD_SETTINGS).map(([field, { initial }]) => [field, initial]);
  return Object.fromEntries(rules) as unknown as PasswordRules;
}
