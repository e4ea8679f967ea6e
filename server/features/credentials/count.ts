import { countIn, counting, values, type Count } from '#models/paging.js';
import { mostMonths } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { conditionsOf, ownersFor, tablesFor, type CredentialFilters } from './orders.js';

/** How many credentials these filters find; past a thousand, only that it is more. */
export async function countListed(
  { actor, tenant, now, services }: TenantContext,
  filters: CredentialFilters,
): Promise<Count> {
  if (!can(actor, 'credentials:read')) throw new Forbidden();
  const { bind, put } = values();
  const { dialect, read } = services.database;
  const about = { dialect, tenantId: tenant.id, now, mostMonths: await mostMonths(tenant.id) };
  const found = tablesFor(filters).map((table) => {
    const where = conditionsOf(table, filters, about, put).join(' AND ');
    return `SELECT 1 FROM ${table} c ${ownersFor(filters)} WHERE ${where}`;
  });
  if (found.length === 0) return 0;
  return countIn(await read(counting(`FROM (${found.join(' UNION ALL ')}) AS every`), bind));
}
