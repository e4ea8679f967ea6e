import { Transaction } from 'sequelize';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import { isIpAllowed } from '#policies/ip-range.js';
import { PRESETS, presetOf, type PolicyPreset, type SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid, type FieldError } from '#server/errors.js';
import { record, type Details } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { applyLimits, effectsOf, type PolicyEffects } from './effects.js';
import { PASSWORD_FIELDS, POLICY_FIELDS, type PolicyField } from './words.js';

/** What is to change: a preset's password values first, then every value that is given. The rest stays as it is. */
export type PolicyChange = { preset?: PolicyPreset } & { [Field in PolicyField]?: SecurityPolicy[Field] };

export interface PolicyDifference {
  field: PolicyField | 'preset';
  from: string | number | boolean;
  to: string | number | boolean;
}

export interface PolicyPreview extends PolicyEffects {
  after: SecurityPolicy;
  differences: PolicyDifference[];
  /** Rules for new passwords change: those in use are checked at their next change. */
  rulesChange: boolean;
}

/** The policy of the caller's tenant. */
export async function readPolicy(context: TenantContext): Promise<SecurityPolicy> {
  if (!can(context.actor, 'policy:read')) throw new Forbidden();
  return PolicyRow.of(context.tenant.id);
}

/** Tells what a change would do, without doing it. Throws `Invalid` where the outcome would contradict itself. */
export async function previewPolicy(context: TenantContext, change: PolicyChange): Promise<PolicyPreview> {
  if (!can(context.actor, 'policy:write')) throw new Forbidden();
  const before = (await PolicyRow.of(context.tenant.id)).get({ plain: true });
  const after = policyAfter(context, before, change);
  const differences = differencesBetween(before, after);
  const rulesChange = differences.some(({ field }) => isRule(field));
  return { after, differences, rulesChange, ...(await effectsOf(context, before, after)) };
}

/**
 * Changes the policy, from now on and for everybody: sessions that it no longer allows end. Of two who save at the same
 * time the second wins, and the log tells of both, each with what it found and what it left. Gives what has changed, and the policy as it is now.
 */
export async function changePolicy(
  context: TenantContext,
  change: PolicyChange,
): Promise<{ after: SecurityPolicy; differences: PolicyDifference[]; sessionsEnded: number }> {
  return actingNow(context, 'policy:write', (acting) => apply(acting, change), { organisation: true });
}

async function apply(acting: TenantContext, change: PolicyChange) {
  const { tenant, now } = acting;
  const row = await PolicyRow.findByPk(tenant.id, { lock: Transaction.LOCK.UPDATE, rejectOnEmpty: true });
  // A copy: what the row gives is its own, and changes with it.
  const before = { ...row.get({ plain: true }) };
  const after = policyAfter(acting, before, change);
  const differences = differencesBetween(before, after);
  if (differences.length === 0) return { after, differences, sessionsEnded: 0 };
  const demandBegins = after.twoFactor === 'required' && before.twoFactor !== 'required';
  await row.update({
    ...Object.fromEntries(differences.map(({ field, to }) => [field, to])),
    ...(demandBegins ? { twoFactorSince: now } : {}),
    updatedAt: now,
  });
  const hit = await applyLimits(acting, before, after);
  const details: Details = Object.fromEntries(differences.map(({ field, from, to }) => [field, { from, to }]));
  Object.assign(details, Object.fromEntries(Object.entries(hit).filter(([, count]) => count > 0)));
  await record(acting, { event: 'policy.changed', target: { type: 'policy', id: tenant.id }, details });
  return { after, differences, sessionsEnded: hit['sessionsEnded'] ?? 0 };
}

function policyAfter(
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

function differencesBetween(before: SecurityPolicy, after: SecurityPolicy): PolicyDifference[] {
  return (['preset', ...POLICY_FIELDS] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, from: before[field], to: after[field] }));
}

// The two ages are about time, and count from the next request on.
function isRule(field: PolicyDifference['field']): boolean {
  return field !== 'maxAgeDays' && field !== 'minAgeHours' && (PASSWORD_FIELDS as readonly string[]).includes(field);
}
