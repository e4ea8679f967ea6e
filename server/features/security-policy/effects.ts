import { QueryTypes } from 'sequelize';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import type { Bind } from '#models/database.js';
import { User } from '#models/user.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { overCap } from '../api-credentials/shorten.js';

/** What a change of the policy does at once to those who are there. */
export interface PolicyEffects {
  /** People whose password is already older than the new maximum age. */
  passwordsExpiring: number;
  sessionsEnding: number;
  /** How many people those sessions belong to. */
  peopleSignedOut: number;
  /** The session that asks is one of them. */
  ownSessionEnds: boolean;
  /** People of whom two-factor authentication is demanded from now on, and who have not set it up. */
  peopleToSetUp: number;
  /** By when they must have, in ms; null when nobody newly must. */
  setUpBy: number | null;
  /** Live API tokens that end later than the new longest validity allows; they are shortened. */
  tokensShortened: number;
  /** Those of them that end first, at most fifty. */
  tokensHit: ShortenedToken[];
}

/** A token that ends sooner than its owner counts on. */
export interface ShortenedToken {
  id: string;
  name: string;
  owner: { id: string; username: string; name: string };
  expiresAt: number;
  endsAt: number;
}

const MOST_NAMED = 50;

const OUTDATED = `
SELECT count(*) AS people FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND NOT must_change_password
  AND password_changed_at <= $2 AND password_changed_at > $3`;

// The sessions that live under the old policy ($3, $4) and not under the new one ($5, $6, at most $7 for each person).
// Those beyond the most are the oldest, as at a sign-in, but never the one that asks ($2).
const OUTSIDE = `
SELECT id, user_id FROM (
  SELECT id, user_id, created_at, last_seen_at, row_number() OVER (
    PARTITION BY user_id
    ORDER BY CASE WHEN created_at > $5 AND last_seen_at > $6 THEN 0 ELSE 1 END, CASE WHEN id = $2 THEN 0 ELSE 1 END,
      created_at DESC, id DESC
  ) AS place
  FROM sessions WHERE tenant_id = $1 AND ended_at IS NULL AND created_at > $3 AND last_seen_at > $4
) AS live
WHERE created_at <= $5 OR last_seen_at <= $6 OR place > $7`;
const COUNT = `
SELECT count(*) AS sessions, count(DISTINCT user_id) AS people, sum(CASE WHEN id = $2 THEN 1 ELSE 0 END) AS own
FROM (${OUTSIDE}) AS outside`;
const END = `UPDATE sessions SET ended_at = $8 WHERE id IN (SELECT id FROM (${OUTSIDE}) AS outside) AND ended_at IS NULL`;

/** What would happen, were `before` replaced by `after` now. Changes nothing. */
export async function effectsOf(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<PolicyEffects> {
  const { database } = context.services;
  const [counted] = await database.read(COUNT, outsideBind(context, before, after));
  return {
    passwordsExpiring: await countExpiring(context, before, after),
    sessionsEnding: Number(counted?.['sessions'] ?? 0),
    peopleSignedOut: Number(counted?.['people'] ?? 0),
    ownSessionEnds: Number(counted?.['own'] ?? 0) > 0,
    ...(await demandOf(context, before, after)),
    ...(await shortenedBy(context, before, after)),
  };
}

/** Ends the sessions that the new policy does not allow, so that they stay ended when it is loosened again. Inside a transaction. */
export async function endSessionsOutside(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<number> {
  const { sequelize } = PolicyRow;
  if (!sequelize) throw new Error('Connect to a database first.');
  const bind = [...outsideBind(context, before, after), context.now];
  const ended = await sequelize.query(`/* end */ ${END} RETURNING id`, { bind, type: QueryTypes.SELECT });
  return ended.length;
}

const WITHOUT_FACTOR = `
SELECT count(*) AS people FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND two_factor <> 'active'`;

async function demandOf({ services, tenant, now }: TenantContext, before: SecurityPolicy, after: SecurityPolicy) {
  const demands =
    after.twoFactor === 'required' && (before.twoFactor !== 'required' || after.graceDays !== before.graceDays);
  if (!demands) return { peopleToSetUp: 0, setUpBy: null };
  const [counted] = await services.database.read(WITHOUT_FACTOR, [tenant.id]);
  const since = before.twoFactor === 'required' ? (await PolicyRow.of(tenant.id)).twoFactorSince : now;
  return { peopleToSetUp: Number(counted?.['people'] ?? 0), setUpBy: since + after.graceDays * DAY };
}

async function shortenedBy(context: TenantContext, before: SecurityPolicy, after: SecurityPolicy) {
  const lowered = after.tokenMaxMonths < before.tokenMaxMonths;
  const found = lowered ? await overCap(context, after.tokenMaxMonths) : [];
  const named = found.sort((one, other) => one.endsAt - other.endsAt).slice(0, MOST_NAMED);
  const id = [...new Set(named.map(({ token }) => token.userId))];
  const owners = await User.findAll({ where: { tenantId: context.tenant.id, id } });
  const tokensHit = named.flatMap(({ token, endsAt }) =>
    owners
      .filter((owner) => owner.id === token.userId)
      .map(({ id, username, name }) => ({
        id: token.id,
        name: token.name,
        owner: { id, username, name },
        expiresAt: token.expiresAt ?? 0,
        endsAt,
      })),
  );
  return { tokensShortened: found.length, tokensHit };
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

function outsideBind({ tenant, session, now }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): Bind {
  const limits = [before, after].flatMap((policy) => [
    now - policy.sessionMaxHours * HOUR,
    now - policy.sessionIdleMinutes * MINUTE,
  ]);
  return [tenant.id, session?.id ?? '', ...limits, after.maxSessions];
}
