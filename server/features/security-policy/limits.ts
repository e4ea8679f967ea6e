import { Op, QueryTypes } from 'sequelize';
import { RememberedBrowser } from '#models/remembered-browser.js';
import type { Bind } from '#models/database.js';
import { User } from '#models/user.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { overCap, shortenCredentials } from '../api-credentials/shorten.js';
import { firstOfIds, firstPeople } from './hit.js';
import type { Effect, Shortened, ShortenedCredential } from './effects.js';
import type { ApiCredential } from '#models/api-credential.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { accessKinds } from '#server/identity/access.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import type { TenantContext } from '#server/context.js';

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

const OWNERS = `SELECT user_id FROM (${OUTSIDE}) AS outside`;

const END = `UPDATE sessions SET ended_at = $8 WHERE id IN (SELECT id FROM (${OUTSIDE}) AS outside) AND ended_at IS NULL`;

/** How many of what ends sooner are named. */
export const MOST_NAMED = 50;

/** What a tightened policy does to one kind of what lets somebody in: told before, and done. */
interface Limit {
  /** Whom it will hit at a later time nobody knows yet. */
  brief?: true;
  preview: (context: TenantContext, before: SecurityPolicy, after: SecurityPolicy) => Promise<Effect>;
  /** Gives how many were hit, under the name that the log has for it. Inside a write. */
  apply: (context: TenantContext, before: SecurityPolicy, after: SecurityPolicy) => Promise<Record<string, number>>;
}

/** By the names of the list of what lets somebody in: a test holds that each kind which the policy limits has one. */
export const LIMITS: Readonly<Record<string, Limit>> = {
  sessions: {
    brief: true,
    async preview(context, before, after) {
      const bind = outsideBind(context, before, after);
      const [counted] = await context.services.database.read(COUNT, bind);
      return {
        first: { peopleSignedOut: await firstPeople(context, OWNERS, bind) },
        sessionsEnding: Number(counted?.['sessions'] ?? 0),
        peopleSignedOut: Number(counted?.['people'] ?? 0),
        ownSessionEnds: Number(counted?.['own'] ?? 0) > 0,
      };
    },
    apply: async (context, before, after) => ({ sessionsEnded: await endSessionsOutside(context, before, after) }),
  },
  'remembered-browsers': {
    brief: true,
    async preview(context, before, after) {
      const where = forgottenWhere(context, before, after);
      const ids = await RememberedBrowser.findAll({ where, attributes: ['userId'], group: ['userId'] });
      return {
        browsersForgotten: await RememberedBrowser.count({ where }),
        first: {
          browsersForgotten: await firstOfIds(
            context,
            ids.map(({ userId }) => userId),
          ),
        },
      };
    },
    async apply(context, before, after) {
      const where = forgottenWhere(context, before, after);
      const [browsersForgotten] = await RememberedBrowser.update({ endedAt: context.now }, { where });
      return { browsersForgotten };
    },
  },
  'api-tokens': shortening('token', 'tokensShortened'),
  'api-keys': shortening('key', 'keysShortened'),
  'api-passwords': shortening('password', 'apiPasswordsShortened'),
};

function shortening(kind: ApiCredential['kind'], counted: Shortened): Limit {
  const isLowered = (before: SecurityPolicy, after: SecurityPolicy) => after.tokenMaxMonths < before.tokenMaxMonths;
  return {
    async preview(context, before, after) {
      const found = isLowered(before, after) ? await overCap(context, kind, after.tokenMaxMonths) : [];
      return { [counted]: found.length, tokensHit: await firstOf(context, found) };
    },
    async apply(context, before, after) {
      return {
        [counted]: isLowered(before, after) ? await shortenCredentials(context, kind, after.tokenMaxMonths) : 0,
      };
    },
  };
}

/** Ends the sessions that the new policy does not allow, so that they stay ended when it is loosened again. Inside a transaction. */
async function endSessionsOutside(
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

function outsideBind({ tenant, session, now }: TenantContext, before: SecurityPolicy, after: SecurityPolicy): Bind {
  const limits = [before, after].flatMap((policy) => [
    now - policy.sessionMaxHours * HOUR,
    now - policy.sessionIdleMinutes * MINUTE,
  ]);
  return [tenant.id, session?.id ?? '', ...limits, after.maxSessions];
}

// Those that the new number of days is too short for, and that the old one was not.
function forgottenWhere(
  { tenant, now }: TenantContext,
  { rememberBrowserDays: before }: SecurityPolicy,
  { rememberBrowserDays: after }: SecurityPolicy,
) {
  return {
    tenantId: tenant.id,
    endedAt: null,
    expiresAt: { [Op.gt]: now },
    createdAt: { [Op.gt]: now - before * DAY, [Op.lte]: now - Math.min(after, before) * DAY },
  };
}

/** Those that end first, with their owners. */
async function firstOf(
  { tenant }: TenantContext,
  found: readonly { credential: ApiCredential; endsAt: number }[],
): Promise<ShortenedCredential[]> {
  const named = [...found].sort((one, other) => one.endsAt - other.endsAt).slice(0, MOST_NAMED);
  const id = [...new Set(named.map(({ credential }) => credential.userId))];
  const owners = await User.findAll({ where: { tenantId: tenant.id, id } });
  return named.flatMap(({ credential, endsAt }) =>
    owners
      .filter((owner) => owner.id === credential.userId)
      .map(({ id, username, name }) => ({
        id: credential.id,
        name: credential.name,
        owner: { id, username, name },
        expiresAt: credential.expiresAt ?? 0,
        endsAt,
      })),
  );
}

/** Does what the new policy demands of what lets people in, kind by kind. Gives how many were hit. Inside a write. */
export async function applyLimits(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<Record<string, number>> {
  const hit: Record<string, number> = {};
  for (const { name } of accessKinds()) Object.assign(hit, await LIMITS[name]?.apply(context, before, after));
  return hit;
}
