import { QueryTypes } from 'sequelize';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { lockTenant } from './tenant.js';

// A service account cannot sign in, and who is invited has not yet: neither could put things right.
const AT_THE_TOP = `
SELECT u.id AS id FROM roles r
JOIN user_roles ur ON ur.tenant_id = r.tenant_id AND ur.role_id = r.id
JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
WHERE r.tenant_id = $1 AND r.key IN ('owner', 'operator') AND u.status = 'active' AND u.kind = 'person'
LIMIT 2`;

/**
 * Throws `Invalid` (against `field`, or the whole form) when this user is the last who can sign in at the top of the
 * tenant: its Owner, or in the platform its Operator. Call it before removing, disabling or demoting, in the same
 * transaction: it locks the tenant, so that of two such changes at once the second counts after the first.
 */
export async function keepLastOwner(context: TenantContext, userId: string, field = ''): Promise<void> {
  const { tenant, services } = context;
  await lockTenant(tenant.id);
  const [first, second] = await services.database.sequelize.query<{ id: string }>(AT_THE_TOP, {
    bind: [tenant.id],
    type: QueryTypes.SELECT,
  });
  if (first?.id !== userId || second) return;
  const name = tenant.platform ? 'operator' : 'owner';
  throw Invalid.field(field, `This is the last active ${name}. Make somebody else ${name} first.`);
}
