import type { Bind } from '#models/database.js';
import { differencesBetween, type PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { DAY } from '#server/lib/clock.js';
import { ACCESS } from '#server/identity/access.js';
import { FIRST, firstPeople, shutOutBy, type Hit, type ShutOut } from './hit.js';
import { LIMITS, MOST_NAMED } from './limits.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { type PolicyChange, policyAfter, isRule } from './change.js';

/** What a change of the policy does at once to those who are there. */
export interface PolicyEffects {
  /** People whose password is already older than the new maximum age. */
  passwordsExpiring: number;
  /** One's own is one of them. */
  ownPasswordExpires: boolean;
  sessionsEnding: number;
  /** How many people those sessions belong to. */
  peopleSignedOut: number;
  /** The session that asks is one of them. */
  ownSessionEnds: boolean;
  /** Browsers that are asked for a code again. */
  browsersForgotten: number;
  /** People of whom two-factor authentication is demanded from now on, and who have not set it up. */
  peopleToSetUp: number;
  /** By when they must have, in ms; null when nobody newly must. */
  setUpBy: number | null;
  /** People who come from an address that the new list has not. */
  peopleShutOut: number;
  shutOut: ShutOut[];
  /** The first of each, by username; nobody for who may not see users. */
  first: Record<Named, Hit[]>;
  /** Live API tokens that end later than the new longest validity allows; they are shortened. */
  tokensShortened: number;
  /** The same of API keys, and of API passwords. */
  keysShortened: number;
  apiPasswordsShortened: number;
  /** Those of all these that end first, at most fifty. */
  tokensHit: ShortenedCredential[];
}

/** Of what people are named. */
export type Named = 'passwordsExpiring' | 'peopleSignedOut' | 'browsersForgotten' | 'peopleToSetUp';

/** What one part of a change does. */
export type Effect = Partial<Omit<PolicyEffects, 'first'>> & { first?: Partial<Record<Named, Hit[]>> };

/** How many credentials of a kind are shortened. */
export type Shortened = 'tokensShortened' | 'keysShortened' | 'apiPasswordsShortened';

/** A credential that ends sooner than its owner counts on. */
export interface ShortenedCredential {
  id: string;
  name: string;
  owner: { id: string; username: string; name: string };
  expiresAt: number;
  endsAt: number;
}

const OUTDATED = `FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND NOT must_change_password
  AND password_changed_at <= $2 AND password_changed_at > $3`;

/** What would happen, were `before` replaced by `after` now, or at that time. Changes nothing. */
async function effectsOf(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
  startsAt: number | null,
): Promise<PolicyEffects> {
  const shutOut = await shutOutBy(context, before, after);
  const effects: PolicyEffects = {
    ...NONE,
    peopleShutOut: shutOut.length,
    ownPasswordExpires: ownPasswordExpires({ ...context, now: startsAt ?? context.now }, before, after),
  };
  const first = { ...NONE.first };
  const hit: ShortenedCredential[] = [];
  const limits = ACCESS.flatMap(({ name }) => LIMITS[name] ?? []).filter(({ brief }) => startsAt === null || !brief);
  const then = startsAt === null ? context : { ...context, now: startsAt };
  for (const part of [expiringOf, demandOf, ...limits.map(({ preview }) => preview)]) {
    const { tokensHit = [], first: people = {}, ...others } = await part(then, before, after);
    Object.assign(effects, others);
    Object.assign(first, people);
    hit.push(...tokensHit);
  }
  const tokensHit = hit.sort((one, other) => one.endsAt - other.endsAt).slice(0, MOST_NAMED);
  if (!can(context.actor, 'users:read')) return { ...effects, tokensHit };
  return { ...effects, tokensHit, shutOut: shutOut.slice(0, FIRST), first };
}

const NONE: PolicyEffects = {
  passwordsExpiring: 0,
  ownPasswordExpires: false,
  sessionsEnding: 0,
  peopleSignedOut: 0,
  ownSessionEnds: false,
  browsersForgotten: 0,
  peopleToSetUp: 0,
  setUpBy: null,
  peopleShutOut: 0,
  shutOut: [],
  first: { passwordsExpiring: [], peopleSignedOut: [], browsersForgotten: [], peopleToSetUp: [] },
  tokensShortened: 0,
  keysShortened: 0,
  apiPasswordsShortened: 0,
  tokensHit: [],
};

const WITHOUT_FACTOR = `FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND two_factor <> 'active'`;
// A passkey is one, where it is used at all.
const NOR_PASSKEY = ` AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.tenant_id = users.tenant_id AND k.user_id = users.id)`;

async function demandOf(context: TenantContext, before: SecurityPolicy, after: SecurityPolicy): Promise<Effect> {
  const { tenant, now } = context;
  if (!demandsAnew(before, after)) return {};
  const found = await people(context, WITHOUT_FACTOR + (after.passkeys === 'off' ? '' : NOR_PASSKEY), [tenant.id]);
  const since = before.twoFactor === 'required' ? (await PolicyRow.of(tenant.id)).twoFactorSince : now;
  return {
    peopleToSetUp: found.count,
    first: { peopleToSetUp: found.first },
    setUpBy: since + after.graceDays * DAY,
  };
}

/** Whether a second factor is demanded of everybody, and was not, or not by that time. */
export function demandsAnew(before: SecurityPolicy, after: SecurityPolicy): boolean {
  return after.twoFactor === 'required' && (before.twoFactor !== 'required' || after.graceDays !== before.graceDays);
}

async function expiringOf(context: TenantContext, before: SecurityPolicy, after: SecurityPolicy): Promise<Effect> {
  if (after.maxAgeDays === 0) return {};
  const [since, already] = outdatedBetween(context.now, before, after);
  const found = await people(context, OUTDATED, [context.tenant.id, since, already]);
  return { passwordsExpiring: found.count, first: { passwordsExpiring: found.first } };
}

function ownPasswordExpires({ user, now }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): boolean {
  if (after.maxAgeDays === 0 || user?.passwordChangedAt == null) return false;
  const [since, already] = outdatedBetween(now, before, after);
  return user.passwordChangedAt <= since && user.passwordChangedAt > already;
}

// Set before the one they are outdated by the new age; set before the other they were so already.
function outdatedBetween(now: number, before: SecurityPolicy, after: SecurityPolicy): [number, number] {
  return [now - after.maxAgeDays * DAY, before.maxAgeDays === 0 ? -1 : now - before.maxAgeDays * DAY];
}

async function people(context: TenantContext, from: string, bind: Bind): Promise<{ count: number; first: Hit[] }> {
  const [counted] = await context.services.database.read(`SELECT count(*) AS people ${from}`, bind);
  const count = Number(counted?.['people'] ?? 0);
  return { count, first: count === 0 ? [] : await firstPeople(context, `SELECT id ${from}`, bind) };
}

export interface PolicyPreview extends PolicyEffects {
  after: SecurityPolicy;
  differences: PolicyDifference[];
  /** When it would start; null for at once. */
  startsAt: number | null;
  /** Rules for new passwords change: those in use are checked at their next change. */
  rulesChange: boolean;
}

/** Tells what a change would do, now or at that time, without doing it. Throws `Invalid` where the outcome would contradict itself. */
export async function previewPolicy(
  context: TenantContext,
  change: PolicyChange,
  startsAt: number | null = null,
): Promise<PolicyPreview> {
  if (!can(context.actor, 'policy:write')) throw new Forbidden();
  const before = (await PolicyRow.of(context.tenant.id)).get({ plain: true });
  const after = policyAfter(context, before, change);
  const differences = differencesBetween(before, after);
  const rulesChange = differences.some(({ field }) => isRule(field));
  return { after, differences, startsAt, rulesChange, ...(await effectsOf(context, before, after, startsAt)) };
}
