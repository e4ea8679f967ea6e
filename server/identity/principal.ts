import type { Database, Row } from '#models/database.js';
import type { Actor } from '#policies/actor.js';
import type {
  RequestPolicy,
  SecondFactorInContext,
  SessionInContext,
  TenantInContext,
  UserInContext,
} from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import {
  actorOf,
  policyOf,
  PRINCIPAL_COLUMNS,
  PRINCIPAL_ROLES,
  rolesOf,
  secondFactorOf,
  tenantOf,
  text,
  userOf,
} from './principal-row.js';

/** Who is signed in, and all that a request must know of them. */
export interface Principal {
  session: SessionInContext;
  user: UserInContext;
  tenant: TenantInContext;
  policy: RequestPolicy;
  actor: Actor;
  secondFactor: SecondFactorInContext;
  roleNames: readonly string[];
}

// The one read of every signed-in request. A row for each role; live, both active, epochs equal, or nothing.
const READ = `
SELECT s.id AS session_id, s.created_at AS session_created_at, s.last_seen_at, s.authenticated_at,${PRINCIPAL_COLUMNS}
FROM sessions s
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
JOIN tenants t ON t.id = s.tenant_id
JOIN security_policies p ON p.tenant_id = s.tenant_id${PRINCIPAL_ROLES}
WHERE s.sid_hash = $1 AND s.ended_at IS NULL AND s.epoch = u.epoch AND u.status = 'active' AND t.status = 'active'`;

/** The principal behind a session id (given as its hash), or null when the session is over, by whatever cause. */
export async function readPrincipal(database: Database, sidHash: string, now: number): Promise<Principal | null> {
  const rows = await database.read(READ, [sidHash]);
  const row = rows[0];
  if (!row) return null;
  const policy = policyOf(row);
  const session = sessionOf(row, sidHash, policy);
  const idleUntil = session.lastSeenAt + policy.sessionIdleMinutes * MINUTE;
  if (now >= session.expiresAt || now >= idleUntil) return null;
  const tenant = tenantOf(row);
  return {
    session,
    policy,
    tenant,
    user: userOf(row),
    actor: actorOf(rows, tenant),
    secondFactor: secondFactorOf(rows, row, policy),
    roleNames: rolesOf(rows).map(({ name }) => name),
  };
}

function sessionOf(row: Row, sidHash: string, policy: RequestPolicy): SessionInContext {
  const createdAt = Number(row['session_created_at']);
  return {
    id: text(row['session_id']),
    sidHash,
    createdAt,
    lastSeenAt: Number(row['last_seen_at']),
    authenticatedAt: Number(row['authenticated_at']),
    expiresAt: createdAt + policy.sessionMaxHours * HOUR,
  };
}
