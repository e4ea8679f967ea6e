import { countIn, counting, values, type Count } from '#models/paging.js';
import { mostMonths } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { conditionsOf, type CredentialFilters } from './walk.js';

/** How many credentials these filters find; past a thousand, only that it is more. */
export async function countListed(
  { actor, tenant, now, services }: TenantContext,
  filters: CredentialFilters,
): Promise<Count> {
  if (!can(actor, 'credentials:read')) throw new Forbidden();
  const { bind, put } = values();
  const where = conditionsOf(
    filters,
    { dialect: services.database.dialect, tenantId: tenant.id, now, mostMonths: await mostMonths(tenant.id) },
    put,
  );
  const from = 'FROM api_credentials c JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id';
  return countIn(await services.database.read(counting(`${from} WHERE ${where.join(' AND ')}`), bind));
}
