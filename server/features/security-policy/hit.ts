import type { Bind } from '#models/database.js';
import { breakGlassHolds } from '#models/passkey.js';
import { User } from '#models/user.js';
import { isIpAllowed } from '#policies/ip-range.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';

/** Somebody whom a change hits. */
export interface Hit {
  id: string;
  username: string;
  name: string;
}

/** How many of them are named. */
export const FIRST = 5;

// $1 is the tenant, in what is asked as well.
const firstOf = (ids: string): string => `
SELECT id, username, name FROM users WHERE tenant_id = $1 AND id IN (${ids}) ORDER BY username_key LIMIT ${FIRST}`;

/** The first of the people whose ids this asks for, by username. */
export async function firstPeople({ services }: TenantContext, ids: string, bind: Bind): Promise<Hit[]> {
  const rows = await services.database.read(firstOf(ids), bind);
  return rows.map(({ id, username, name }) => ({ id: String(id), username: String(username), name: String(name) }));
}

/** The first of these people, by username. */
export async function firstOfIds({ tenant }: TenantContext, ids: readonly string[]): Promise<Hit[]> {
  const where = { tenantId: tenant.id, id: [...ids] };
  const found = await User.findAll({ where, order: [['usernameKey', 'ASC']], limit: FIRST });
  return found.map(({ id, username, name }) => ({ id, username, name }));
}

/** Somebody who comes from where nobody would be let in any more. */
export interface ShutOut extends Hit {
  ip: string;
}

// Of an organisation that is larger than this, those who were there last.
const MOST_LOOKED_AT = 5000;

const PRESENT = `
SELECT u.id, u.username, u.name, s.ip FROM sessions s
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
JOIN security_policies p ON p.tenant_id = u.tenant_id
WHERE s.tenant_id = $1 AND s.ended_at IS NULL AND s.created_at > $2 AND s.last_seen_at > $3 AND u.status = 'active' AND NOT ${breakGlassHolds('u', 'p')}
ORDER BY s.last_seen_at DESC LIMIT ${MOST_LOOKED_AT}`;

const LAST_SIGN_INS = `
SELECT u.id, u.username, u.name, e.ip FROM (
  SELECT actor_id, ip, seq FROM security_events
  WHERE tenant_id = $1 AND event = 'sign-in.succeeded' ORDER BY at DESC, seq DESC LIMIT ${MOST_LOOKED_AT}
) AS e
JOIN users u ON u.tenant_id = $1 AND u.id = e.actor_id
JOIN security_policies p ON p.tenant_id = u.tenant_id
WHERE u.status = 'active' AND NOT ${breakGlassHolds('u', 'p')} ORDER BY e.seq DESC`;

/**
 * Whom a list of addresses would shut out: who has a session at an address outside, or, without any session, has signed in
 * from one the last time.
 */
export async function shutOutBy(
  { services, tenant, now }: TenantContext,
  before: SecurityPolicy,
  { allowedIps }: SecurityPolicy,
): Promise<ShutOut[]> {
  if (allowedIps === '' || allowedIps === before.allowedIps) return [];
  const live = [now - before.sessionMaxHours * HOUR, now - before.sessionIdleMinutes * MINUTE];
  const present = await services.database.read(PRESENT, [tenant.id, ...live]);
  const absent = await services.database.read(LAST_SIGN_INS, [tenant.id]);
  const known = new Map<string, boolean>();
  const isOutside = (ip: string): boolean => {
    const allowed = known.get(ip) ?? isIpAllowed(allowedIps, ip);
    known.set(ip, allowed);
    return !allowed;
  };
  const seen = new Set(present.map(({ id }) => id));
  // Of who is away the newest sign-in counts alone.
  const last = absent.filter(({ id }) => {
    const isNewest = !seen.has(id);
    seen.add(id);
    return isNewest;
  });
  const found = new Map<string, ShutOut>();
  for (const row of [...present, ...last]) {
    const [id, ip] = [String(row['id']), row['ip']];
    if (typeof ip !== 'string' || ip === '' || found.has(id) || !isOutside(ip)) continue;
    found.set(id, { id, username: String(row['username']), name: String(row['name']), ip });
  }
  return [...found.values()].sort((one, other) => (one.username < other.username ? -1 : 1));
}
