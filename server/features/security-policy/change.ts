import type { Actor } from '#policies/actor.js';
import { counted } from '#policies/counted.js';
import { isIpAllowed } from '#policies/ip-range.js';
import type { PolicyPreset } from '#policies/enumerations.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import { demandLifted } from '#policies/second-factor.js';
import { PRESETS, presetOf, type SecurityPolicy } from '#policies/security-policy.js';
import type { PolicyField } from '#policies/settings.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { refuseLoss, type Seen } from '#server/identity/changed-since.js';
import { PASSWORD_FIELDS, policyLabel, policyValue } from './words.js';

/** What is to change: a preset's password values first, then every value that is given. The rest stays as it is. */
export type PolicyChange = { preset?: PolicyPreset; seen?: Seen | undefined } & {
  [Field in PolicyField]?: SecurityPolicy[Field];
};

interface Contradiction {
  fields: readonly [PolicyField, ...PolicyField[]];
  message: string;
}

/** The policy as the change leaves it. Throws `Invalid` where that contradicts itself, or whoever asks may not be the one who does it. */
export function policyAfter(
  context: TenantContext,
  before: SecurityPolicy,
  { preset, seen, ...given }: PolicyChange,
): SecurityPolicy {
  refuseLoss(seen, before, given, inWords);
  const base = preset === undefined || preset === 'custom' ? {} : PRESETS[preset];
  const after = { ...before, ...base, ...given };
  refuseContradictions(after);
  refuseLockingOut(context, before, after);
  refuseLifting(context, before, after);
  refuseAlone(context, before, after);
  return { ...after, preset: presetOf(after) };
}

function inWords(field: string, value: unknown): string {
  return `“${policyLabel(field) ?? field}” is “${policyValue(field, value)}” by now`;
}

function refuseContradictions(after: SecurityPolicy): void {
  const errors = contradictionsIn(after).map(({ fields: [field], message }) => ({ field, message }));
  if (errors.length > 0) throw new Invalid(errors);
}

/** Where a policy contradicts itself: by which settings together, and what is to be done. */
export function contradictionsIn(policy: SecurityPolicy): Contradiction[] {
  const { passkeys, passwordSignIn } = policy;
  const { maxAgeDays, minAgeHours, sessionIdleMinutes, sessionMaxHours, logRetentionDays } = policy;
  const found: Contradiction[] = [];
  if (passwordSignIn === 'forbidden' && passkeys !== 'passwordless') {
    found.push({
      fields: ['passwordSignIn', 'passkeys'],
      message:
        'Nobody could sign in: passwords are to open nothing, and passkeys do not stand instead of them. Let passkeys do so, or passwords sign in.',
    });
  }
  if (logRetentionDays > 0 && logRetentionDays < 365) {
    found.push({
      fields: ['logRetentionDays'],
      message: 'The log is kept for a year at least. Enter 0 for ever, or from 365 to 3650 days.',
    });
  }
  if (maxAgeDays > 0 && minAgeHours >= maxAgeDays * 24) {
    found.push({
      fields: ['minAgeHours', 'maxAgeDays'],
      message: `A password that must be changed after ${maxAgeDays === 1 ? 'a day' : `${maxAgeDays} days`} has to be changeable before. Enter fewer than ${maxAgeDays * 24} hours.`,
    });
  }
  if (sessionIdleMinutes > sessionMaxHours * 60) {
    found.push({
      fields: ['sessionIdleMinutes', 'sessionMaxHours'],
      message: `A session ends after ${counted(sessionMaxHours, 'hour')} in any case. Enter at most ${sessionMaxHours * 60} minutes.`,
    });
  }
  return found;
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
  if (!secondFactor || secondFactor.dueAt === null) return;
  const passkey = secondFactor.phishingResistant;
  const field = demandLifted(before, after, { passkey });
  if (field === null) return;
  throw Invalid.field(
    field,
    passkey
      ? 'You must add a passkey yourself, and cannot lift that from yourself. Add it first.'
      : 'You must set up two-factor authentication yourself, and cannot lift that from yourself. Set it up first.',
  );
}

function refuseAlone({ actor }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): void {
  if (letsAlone(actor, before, after))
    throw Invalid.field('twoPersonReset', 'Only an owner lets one administrator reset a second factor alone again.');
}

/** Whether somebody who may not would let one administrator alone again: one alone must not be able to. */
export function letsAlone(actor: Actor, before: SecurityPolicy, after: SecurityPolicy): boolean {
  return before.twoPersonReset && !after.twoPersonReset && actor.kind === 'user' && !actor.top;
}

// The two ages are about time, and count from the next request on.
export function isRule(field: PolicyDifference['field']): boolean {
  return field !== 'maxAgeDays' && field !== 'minAgeHours' && (PASSWORD_FIELDS as readonly string[]).includes(field);
}
