import type { PasswordRules } from '#policies/password.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import type { PolicyPart, Setting } from '#policies/setting.js';
import type { PolicyPreset } from '#policies/enumerations.js';
import { PRESET_LABELS, PRESETS, type SecurityPolicy } from '#policies/security-policy.js';
import { POLICY_FIELDS, settingOf, type PolicyField } from '#policies/settings.js';

/** The part of the policy that presets are made of. */
export const PASSWORD_FIELDS = Object.keys(PRESETS.nist) as readonly (keyof PasswordRules)[];

/** The fields of one part, in the order in which they are shown. */
export function fieldsOf(part: PolicyPart): PolicyField[] {
  return POLICY_FIELDS.filter((field) => settingOf(field).part === part);
}

/** What the page calls a field of the policy; null when it is none. */
export function policyLabel(field: string): string | null {
  if (field === 'preset') return 'Preset';
  return isField(field) ? settingOf(field).label : null;
}

/** A value of the policy as people say it: "15 characters", "Never", "Yes". */
export function policyValue(field: string, value: unknown): string {
  if (field === 'preset' && isPreset(value)) return PRESET_LABELS[value];
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return isField(field) ? inWords(settingOf(field), value) : String(value);
}

function inWords(setting: Setting, value: unknown): string {
  if (setting.kind === 'choice') return setting.choices[String(value)]?.label ?? String(value);
  if (setting.kind === 'addresses') return value === '' ? 'All' : String(value).replaceAll('\n', ', ');
  if (setting.kind !== 'number' || typeof value !== 'number') return String(value);
  if (value === 0 && setting.none !== undefined) return setting.none;
  return `${value} ${setting.units[value === 1 ? 0 : 1]}`;
}

function isField(field: string): field is PolicyField {
  return (POLICY_FIELDS as readonly string[]).includes(field);
}

function isPreset(value: unknown): value is PolicyPreset {
  return typeof value === 'string' && Object.hasOwn(PRESET_LABELS, value);
}

/** Changes as lines of label, old and new. */
export function differencesInWords(
  differences: readonly PolicyDifference[],
): { label: string; from: string; to: string }[] {
  return differences.map(({ field, from, to }) => ({
    label: policyLabel(field) ?? field,
    from: policyValue(field, from),
    to: policyValue(field, to),
  }));
}

/** A policy, or as much of it as is known, as lines of label and value: of one part, or of all. */
export function policyFacts(policy: Partial<SecurityPolicy>, part?: PolicyPart): { label: string; value: string }[] {
  return (part === undefined ? POLICY_FIELDS : fieldsOf(part))
    .filter((field) => policy[field] !== undefined)
    .map((field) => ({ label: settingOf(field).label, value: policyValue(field, policy[field]) }));
}
