import type { Database } from '#models/database.js';
import { countIn, counting, values, type Count } from '#models/paging.js';
import { mostMonths } from '#models/security-policy.js';
import { TWO_FACTOR_STATES } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { conditionsOf, tablesFor, type CredentialFilters } from './orders.js';
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
  const { ownerWithoutTwoFactor, ...others } = filters;
  const few = ownerWithoutTwoFactor && (await fewWithoutTwoFactor(services.database, tenant.id));
  const found: string[] = [];
  for (const table of tablesFor(filters)) {
    const sought = await fewSought(services.database, about, table, filters);
    const from = sought ? sought(put) : `FROM ${table} c`;
    const conditions = conditionsOf(table, others, about, put);
    if (ownerWithoutTwoFactor) conditions.push(few ? ofFew(dialect, put(tenant.id)) : OF_MANY);
    found.push(`SELECT 1 ${from} WHERE ${conditions.join(' AND ')}`);
  }
  if (found.length === 0) return 0;
  return countIn(await read(counting(`FROM (${found.join(' UNION ALL ')}) AS every`), bind));
}

/** With more people than this without two-factor authentication, a thousand of their credentials are soon met among all. */
const FEW = 10_000;
const WITHOUT = TWO_FACTOR_STATES.filter((one) => one !== 'active').map((one) => `'${one}'`);

async function fewWithoutTwoFactor({ read }: Database, tenantId: string): Promise<boolean> {
  const [row] = await read(
    `SELECT SUM(people) AS people FROM user_counts WHERE tenant_id = $1 AND two_factor <> 'active'`,
    [tenantId],
  );
  return Number(row?.['people']) <= FEW;
}

/** Theirs, beginning with who they are. */
function ofFew(dialect: Database['dialect'], tenant: string): string {
  const ids = `SELECT u.id FROM users u WHERE u.tenant_id = ${tenant} AND u.two_factor IN (${WITHOUT.join(', ')})`;
  return dialect === 'sqlite' ? `c.user_id IN (${ids})` : `c.user_id = ANY (ARRAY(${ids}))`;
}

/** One by one: PostgreSQL would bring all of both together first. */
const OF_MANY = `(SELECT u.two_factor FROM users u WHERE u.tenant_id = c.tenant_id AND u.id = c.user_id) <> 'active'`;
