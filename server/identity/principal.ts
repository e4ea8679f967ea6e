import { Challenge } from '#models/challenge.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Read, Row } from '#models/database.js';
import { isPhishingResistant, methodsIn, opensSetUpAlone } from '#policies/authentication.js';
import { isKeptOut } from '#policies/break-glass.js';
import type { Duty } from '#policies/duty.js';
import type { RequestPolicy, SessionInContext, TenantInContext } from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { hasGone } from './gone.js';
import { PRINCIPAL_ROLES, principalColumns, standingOf, text, type Standing } from './principal-row.js';
import { madeOfKinds } from './factor-kind.js';
import { factorsOf } from './factors.js';
import { isShutOut } from './shut-out.js';
import { inContext } from './tenant.js';

/** Where and when it is asked who somebody is. */
export interface Asked {
  now: number;
  ip: string | null;
}

/** Who is signed in, and all that a request must know of them. */
export interface Principal extends Standing {
  session: SessionInContext;
}

// The one read of every signed-in request. A row for each role; live, both active, epochs equal, or nothing.
const bySession = madeOfKinds(
  () => `
SELECT s.sid_hash AS asked_for, s.id AS session_id, s.created_at AS session_created_at, s.last_seen_at, s.authenticated_at, s.amr,${principalColumns()}
FROM sessions s
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
JOIN tenants t ON t.id = s.tenant_id
JOIN security_policies p ON p.tenant_id = s.tenant_id${PRINCIPAL_ROLES}
WHERE s.sid_hash = $1 AND s.ended_at IS NULL AND s.epoch = u.epoch AND u.status = 'active' AND t.status = 'active'`,
);

/** The principal behind a session id (given as its hash), or null when the session is over, by whatever cause. */
export async function readPrincipal(read: Read, sidHash: string, { now, ip }: Asked): Promise<Principal | null> {
  const rows = await read(bySession(), [sidHash]);
  const row = rows[0];
  if (!row) return null;
  const standing = standingOf(rows, row, now, ip);
  if (await hasGone(read, standing.user, now)) return null;
  const session = sessionOf(row, sidHash, standing.policy);
  const idleUntil = session.lastSeenAt + standing.policy.sessionIdleMinutes * MINUTE;
  if (now >= session.expiresAt || now >= idleUntil) return null;
  const outside = isKeptOut(standing, standing.policy, ip);
  const { user, tenant, policy, actor, secondFactor, roleNames, breakGlass, exempt } = standing;
  const duty = dutyIn(session, standing);
  // Each by its name: to spread it costs several times as much, and every request pays it.
  return { user, tenant, policy, actor, secondFactor, duty, roleNames, breakGlass, exempt, outside, session };
}

function dutyIn({ methods }: SessionInContext, { duty, user, secondFactor }: Standing): Duty | null {
  // What a pass or a link has opened stays what it is: whoever has set a factor by it signs in with that.
  if (opensSetUpAlone(methods)) return 'pass';
  // Who has a passkey, or no password that opens more, and shows another thing, may add the next one, and no more.
  const codeAlone = methods.includes('recovery') && !methods.includes('pwd');
  const wanted =
    codeAlone ||
    secondFactor.password !== 'all' ||
    (secondFactor.phishingResistant && user.factors.includes('passkey'));
  const shown = !wanted || isPhishingResistant(methods);
  return duty ?? (shown ? null : 'passkey');
}

function sessionOf(row: Row, sidHash: string, policy: RequestPolicy): SessionInContext {
  const createdAt = Number(row['session_created_at']);
  return {
    id: text(row['session_id']),
    sidHash,
    createdAt,
    lastSeenAt: Number(row['last_seen_at']),
    authenticatedAt: Number(row['authenticated_at']),
    methods: methodsIn(text(row['amr'])),
    expiresAt: createdAt + policy.sessionMaxHours * HOUR,
  };
}

/** Somebody who has proven the password, and not yet the second factor. There is no user on such a request. */
export interface HalfSignedIn {
  challenge: Challenge;
  user: User;
  tenant: TenantInContext;
  outside: boolean;
  /** The kinds of factor by which the sign-in can be completed. */
  factors: readonly string[];
}

/** The open challenge with the token of this hash; null when it is over, or user or tenant are no longer what they were. */
export async function readChallenge(read: Read, tokenHash: string, { now, ip }: Asked): Promise<HalfSignedIn | null> {
  const challenge = await Challenge.open(tokenHash, now);
  if (!challenge) return null;
  const { tenantId, userId: id, epoch } = challenge;
  const user = await User.findOne({ where: { tenantId, id, epoch, status: 'active' } });
  const tenant = await Tenant.findOne({ where: { id: tenantId, status: 'active' } });
  if (!user || !tenant || (await hasGone(read, user, now))) return null;
  const policy = await SecurityPolicy.of(tenantId);
  const outside = await isShutOut(user, policy, ip);
  return { challenge, user, tenant: inContext(tenant), outside, factors: await factorsOf(user, policy) };
}
