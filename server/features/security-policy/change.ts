import { isIpAllowed } from '#policies/ip-range.js';
import type { PolicyPreset } from '#policies/enumerations.js';
import { PRESETS, presetOf, type SecurityPolicy } from '#policies/security-policy.js';
import { POLICY_FIELDS, type PolicyField } from '#policies/settings.js';
import type { TenantContext } from '#server/context.js';
import { Invalid, type FieldError } from '#server/errors.js';
import { PASSWORD_FIELDS } from './words.js';

/** What is to change: a preset's password values first, then every value that is given. The rest stays as it is. */
export type PolicyChange = { preset?: PolicyPreset } & { [Field in PolicyField]?: SecurityPolicy[Field] };

export interface PolicyDifference {
  field: PolicyField | 'preset';
  from: string | number | boolean;
  to: string | number | boolean;
}

export function policyAfter(
  context: TenantContext,
  before: SecurityPolicy,
  { preset, ...given }: PolicyChange,
): SecurityPolicy {
  const base = preset === undefined || preset === 'custom' ? {} : PRESETS[preset];
  const after = { ...before, ...base, ...given };
  refuseContradictions(after);
  refuseLockingOut(context, before, after);
  return { ...after, preset: presetOf(after) };
}

function refuseContradictions({ maxAgeDays, minAgeHours, sessionIdleMinutes, sessionMaxHours }: SecurityPolicy): void {
  const errors: FieldError[] = [];
  if (maxAgeDays > 0 && minAgeHours >= maxAgeDays * 24) {
    errors.push({
      field: 'minAgeHours',
      message: `A password that must be changed after ${maxAgeDays} days has to be changeable before. Enter fewer than ${maxAgeDays * 24} hours.`,
    });
  }
  if (sessionIdleMinutes > sessionMaxHours * 60) {
    errors.push({
      field: 'sessionIdleMinutes',
      message: `A session ends after ${sessionMaxHours} hours in any case. Enter at most ${sessionMaxHours * 60} minutes.`,
    });
  }
  if (errors.length > 0) throw new Invalid(errors);
}

// Whoever saves a list without their own address could never come back to change it.
function refuseLockingOut({ ip, door }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): void {
  if (door === 'cli' || after.allowedIps === before.allowedIps || isIpAllowed(after.allowedIps, ip)) return;
  throw Invalid.field(
    'allowedIps',
    `Your own address, ${ip ?? 'unknown'}, is not in this list: you would lock yourself out. Add it.`,
  );
}

export function differencesBetween(before: SecurityPolicy, after: SecurityPolicy): PolicyDifference[] {
  return (['preset', ...POLICY_FIELDS] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}

// The two ages are about time, and count from the next request on.
export function isRule(field: PolicyDifference['field']): boolean {
  return field !== 'maxAgeDays' && field !== 'minAgeHours' && (PASSWORD_FIELDS as readonly string[]).includes(field);
}
