import type { Row } from '#models/database.js';
import { values } from '#models/paging.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { USERS_BY_STATE } from '#models/user-counts.js';
import type { User } from '#models/user.js';
import { Tenant } from '#models/tenant.js';
import { can } from '#policies/can.js';
import type { Context } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';

export interface TenantFigures {
  tenant: Tenant;
  users: Record<User['status'], number>;
  /** Sessions that are open now; none can be used while the organisation is suspended. */
  sessions: number;
  lastSignInAt: number | null;
  logRows: number;
  /** Who holds the role at the top, the longest-standing first; no more than a few are shown. */
  owners: { name: string; email: string; status: User['status'] }[];
}

// By the index of that order: the highest of all would be looked for among all.
const LAST_SIGN_IN = (tenant: string): string =>
  `SELECT last_signed_in_at AS at FROM users WHERE tenant_id = ${tenant} ORDER BY COALESCE(last_signed_in_at, 0) DESC, id DESC LIMIT 1`;
const LOG = 'SELECT count AS many FROM security_log_heads WHERE tenant_id = $1';
const SESSIONS = `
SELECT count(*) AS many FROM sessions
WHERE tenant_id = $1 AND ended_at IS NULL AND created_at > $2 AND last_seen_at > $3`;
const OWNERS = `
SELECT u.name, u.email, u.status FROM roles r
JOIN user_roles ur ON ur.tenant_id = r.tenant_id AND ur.role_id = r.id
JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
WHERE r.tenant_id = $1 AND r.key IN ('owner', 'operator') ORDER BY u.created_at, u.id LIMIT 10`;

/** How many people use each of these organisations, and when somebody last signed in. */
export async function peopleOf(
  { services }: Context,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, { users: number; lastSignInAt: number | null }>> {
  const { bind, put } = values();
  const among = tenantIds.map((id) => put(id)).join(', ');
  // Each by an index of its own: an organisation may have very many.
  const rows = await services.database.read(
    `SELECT t.id, (SELECT SUM(people) FROM user_counts u WHERE u.tenant_id = t.id AND u.status = 'active') AS many,
      (${LAST_SIGN_IN('t.id')}) AS at
    FROM tenants t WHERE t.id IN (${among || "''"})`,
    bind,
  );
  return new Map(
    rows.map(({ id, many, at }) => [
      String(id),
      { users: Number(many), lastSignInAt: at === null || at === undefined ? null : Number(at) },
    ]),
  );
}

/** How an organisation stands: how many users, sessions and log rows, and who looks after it. Throws `NotFound`. */
export async function readTenant(context: Context, tenantId: string): Promise<TenantFigures> {
  if (!can(context.actor, 'tenants:read')) throw new Forbidden();
  const tenant = await Tenant.findByPk(tenantId);
  if (!tenant) throw new NotFound();
  const policy = await SecurityPolicy.of(tenantId);
  const read = (sql: string, ...bind: number[]): Promise<Row[]> =>
    context.services.database.read(sql, [tenantId, ...bind]);
  const since = [context.now - policy.sessionMaxHours * HOUR, context.now - policy.sessionIdleMinutes * MINUTE];
  const [users, lastSignIn, log, sessions, owners] = await Promise.all([
    read(USERS_BY_STATE),
    read(LAST_SIGN_IN('$1')),
    read(LOG),
    read(SESSIONS, ...since),
    read(OWNERS),
  ]);
  const lastSignInAt = lastSignIn[0]?.['at'] ?? null;
  return {
    tenant,
    users: { active: many(users, 'active'), invited: many(users, 'invited'), disabled: many(users, 'disabled') },
    sessions: Number(sessions[0]?.['many'] ?? 0),
    lastSignInAt: lastSignInAt === null ? null : Number(lastSignInAt),
    logRows: Number(log[0]?.['many'] ?? 0),
    owners: owners.map(({ name, email, status }) => ({
      name: String(name),
      email: String(email),
      status: status as User['status'],
    })),
  };
}

function many(rows: readonly Row[], status: User['status']): number {
  return rows.filter((row) => row['status'] === status).reduce((sum, { found }) => sum + Number(found), 0);
}
