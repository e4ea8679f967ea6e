import { PRESET_NAMES, type PresetName } from './enumerations.js';
import type { PasswordRules } from './password.js';
import { DEFAULT_POLICY, PRESETS, type SecurityPolicy } from './security-policy.js';

/** What these rules ask less than a preset does. */
export interface PresetGap {
  preset: PresetName;
  fields: readonly (keyof PasswordRules)[];
}

/** The preset that these rules come closest to, and what they ask less; null when they ask as much as one of them. */
export function gapToPreset(rules: PasswordRules): PresetGap | null {
  const gaps = PRESET_NAMES.map((preset) => ({ preset, fields: weakerThan(rules, PRESETS[preset]) }));
  const nearest = gaps.reduce((best, one) => (one.fields.length < best.fields.length ? one : best));
  return nearest.fields.length === 0 ? null : nearest;
}

/**
 * What a policy is held against: the preset that its password rules are, or differ least from; beyond them what an
 * organisation starts with.
 */
export function basisOf(policy: SecurityPolicy): SecurityPolicy {
  const differing = (name: PresetName): number =>
    (Object.keys(PRESETS[name]) as (keyof PasswordRules)[]).filter((field) => PRESETS[name][field] !== policy[field])
      .length;
  const nearest = PRESET_NAMES.reduce((best, one) => (differing(one) < differing(best) ? one : best));
  return { ...DEFAULT_POLICY, ...PRESETS[nearest], preset: nearest };
}

function weakerThan(rules: PasswordRules, preset: PasswordRules): (keyof PasswordRules)[] {
  return (Object.keys(preset) as (keyof PasswordRules)[]).filter(
    (field) => strength(rules, field) < strength(preset, field),
  );
}

// Of each setting more is stronger, but of the maximum age: less, and none is weakest.
function strength(rules: PasswordRules, field: keyof PasswordRules): number {
  const value = Number(rules[field]);
  if (field !== 'maxAgeDays') return value;
  return value === 0 ? -Infinity : -value;
}
