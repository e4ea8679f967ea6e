import { differencesBetween, type PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { DAY } from '#server/lib/clock.js';
import { ACCESS } from '#server/identity/access.js';
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
  /** Live API tokens that end later than the new longest validity allows; they are shortened. */
  tokensShortened: number;
  /** The same of API keys, and of API passwords. */
  keysShortened: number;
  apiPasswordsShortened: number;
  /** Those of all these that end first, at most fifty. */
  tokensHit: ShortenedCredential[];
}

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

const OUTDATED = `
SELECT count(*) AS people FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND NOT must_change_password
  AND password_changed_at <= $2 AND password_changed_at > $3`;

/** What would happen, were `before` replaced by `after` now. Changes nothing. */
async function effectsOf(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<PolicyEffects> {
  const effects: PolicyEffects = {
    ...NONE,
    passwordsExpiring: await countExpiring(context, before, after),
    ...(await demandOf(context, before, after)),
  };
  const hit: ShortenedCredential[] = [];
  for (const { name } of ACCESS) {
    const { tokensHit = [], ...others } = (await LIMITS[name]?.preview(context, before, after)) ?? {};
    Object.assign(effects, others);
    hit.push(...tokensHit);
  }
  const tokensHit = hit.sort((one, other) => one.endsAt - other.endsAt).slice(0, MOST_NAMED);
  return { ...effects, tokensHit };
}

const NONE: PolicyEffects = {
  passwordsExpiring: 0,
  sessionsEnding: 0,
  peopleSignedOut: 0,
  ownSessionEnds: false,
  browsersForgotten: 0,
  peopleToSetUp: 0,
  setUpBy: null,
  tokensShortened: 0,
  keysShortened: 0,
  apiPasswordsShortened: 0,
  tokensHit: [],
};

const WITHOUT_FACTOR = `
SELECT count(*) AS people FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND two_factor <> 'active'`;
// A passkey is one, where it is used at all.
const NOR_PASSKEY = ` AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.tenant_id = users.tenant_id AND k.user_id = users.id)`;

async function demandOf({ services, tenant, now }: TenantContext, before: SecurityPolicy, after: SecurityPolicy) {
  const demands =
    after.twoFactor === 'required' && (before.twoFactor !== 'required' || after.graceDays !== before.graceDays);
  if (!demands) return { peopleToSetUp: 0, setUpBy: null };
  const [counted] = await services.database.read(WITHOUT_FACTOR + (after.passkeys === 'off' ? '' : NOR_PASSKEY), [
    tenant.id,
  ]);
  const since = before.twoFactor === 'required' ? (await PolicyRow.of(tenant.id)).twoFactorSince : now;
  return { peopleToSetUp: Number(counted?.['people'] ?? 0), setUpBy: since + after.graceDays * DAY };
}

async function countExpiring(
  { services, tenant, now }: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<number> {
  if (after.maxAgeDays === 0) return 0;
  const already = before.maxAgeDays === 0 ? -1 : now - before.maxAgeDays * DAY;
  const [counted] = await services.database.read(OUTDATED, [tenant.id, now - after.maxAgeDays * DAY, already]);
  return Number(counted?.['people'] ?? 0);
}

export interface PolicyPreview extends PolicyEffects {
  after: SecurityPolicy;
  differences: PolicyDifference[];
  /** Rules for new passwords change: those in use are checked at their next change. */
  rulesChange: boolean;
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
