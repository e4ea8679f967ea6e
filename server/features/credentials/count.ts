import { countIn, counting, values, type Count } from '#models/paging.js';
import { mostMonths } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { conditionsOf, ownersFor, tablesFor, type CredentialFilters } from './orders.js';
import { fewSought } from './sought.js';

/** How many credentials these filters find; past a thousand, only that it is more. */
export async function countListed(
  { actor, tenant, now, services }: TenantContext,
  filters: CredentialFilters,
): Promise<Count> {
  if (!can(actor, 'credentials:read')) throw new Forbidden();
  const { bind, put } = values();
  const { dialect, read } = services.database;
  const about = { dialect, tenantId: tenant.id, now, mostMonths: await mostMonths(tenant.id) };
  const found: string[] = [];
  for (const table of tablesFor(filters)) {
    const few = await fewSought(services.database, about, table, filters);
    const from = few ? few(put) : `FROM ${table} c`;
    found.push(
      `SELECT 1 ${from} ${ownersFor(filters)} WHERE ${conditionsOf(table, filters, about, put).join(' AND ')}`,
    );
  }
  if (found.length === 0) return 0;
  return countIn(await read(counting(`FROM (${found.join(' UNION ALL ')}) AS every`), bind));
}
