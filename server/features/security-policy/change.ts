import { counted } from '#policies/counted.js';
import { isIpAllowed } from '#policies/ip-range.js';
import type { PolicyPreset } from '#policies/enumerations.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import { demandLifted } from '#policies/second-factor.js';
import { PRESETS, presetOf, type SecurityPolicy } from '#policies/security-policy.js';
import type { PolicyField } from '#policies/settings.js';
import type { TenantContext } from '#server/context.js';
import { Invalid, type FieldError } from '#server/errors.js';
import { PASSWORD_FIELDS } from './words.js';

/** What is to change: a preset's password values first, then every value that is given. The rest stays as it is. */
export type PolicyChange = { preset?: PolicyPreset } & { [Field in PolicyField]?: SecurityPolicy[Field] };

/** The policy as the change leaves it. Throws `Invalid` where that contradicts itself, or whoever asks may not be the one who does it. */
export function policyAfter(
  context: TenantContext,
  before: SecurityPolicy,
  { preset, ...given }: PolicyChange,
): SecurityPolicy {
  const base = preset === undefined || preset === 'custom' ? {} : PRESETS[preset];
  const after = { ...before, ...base, ...given };
  refuseContradictions(after);
  refuseLockingOut(context, before, after);
  refuseLifting(context, before, after);
  refuseAlone(context, before, after);
  return { ...after, preset: presetOf(after) };
}

function refuseContradictions(after: SecurityPolicy): void {
  const { passkeys, passwordSignIn } = after;
  const { maxAgeDays, minAgeHours, sessionIdleMinutes, sessionMaxHours, logRetentionDays } = after;
  const errors: FieldError[] = [];
  if (passwordSignIn === 'forbidden' && passkeys !== 'passwordless') {
    errors.push({
      field: 'passwordSignIn',
      message:
        'Nobody could sign in: passwords are to open nothing, and passkeys do not stand instead of them. Let passkeys do so, or passwords sign in.',
    });
  }
  if (logRetentionDays > 0 && logRetentionDays < 365) {
    errors.push({
      field: 'logRetentionDays',
      message: 'The log is kept for a year at least. Enter 0 for ever, or from 365 to 3650 days.',
    });
  }
  if (maxAgeDays > 0 && minAgeHours >= maxAgeDays * 24) {
    errors.push({
      field: 'minAgeHours',
      message: `A password that must be changed after ${maxAgeDays === 1 ? 'a day' : `${maxAgeDays} days`} has to be changeable before. Enter fewer than ${maxAgeDays * 24} hours.`,
    });
  }
  if (sessionIdleMinutes > sessionMaxHours * 60) {
    errors.push({
      field: 'sessionIdleMinutes',
      message: `A session ends after ${counted(sessionMaxHours, 'hour')} in any case. Enter at most ${sessionMaxHours * 60} minutes.`,
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

// Of whom a second factor is demanded, and who has none, does not put that off or away.
function refuseLifting({ secondFactor }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): void {
  const field = secondFactor && secondFactor.dueAt !== null ? demandLifted(before, after) : null;
  if (field === null) return;
  throw Invalid.field(
    field,
    'You must set up two-factor authentication yourself, and cannot lift that from yourself. Set it up first.',
  );
}

// One administrator alone must not be able to let one administrator alone.
function refuseAlone({ actor }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): void {
  if (!before.twoPersonReset || after.twoPersonReset || actor.kind !== 'user' || actor.top) return;
  throw Invalid.field('twoPersonReset', 'Only an owner lets one administrator reset a second factor alone again.');
}

// The two ages are about time, and count from the next request on.
export function isRule(field: PolicyDifference['field']): boolean {
  return field !== 'maxAgeDays' && field !== 'minAgeHours' && (PASSWORD_FIELDS as readonly string[]).includes(field);
}
