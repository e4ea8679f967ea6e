import type { Database } from '#models/database.js';
import { countIn, counting, values, type Count, type Put } from '#models/paging.js';
import { mostMonths } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { conditionsOf, tablesFor, type CredentialFilters, type WalkOf } from './orders.js';
import { fewSought } from './sought.js';

/** How many credentials these filters find; past a thousand, only that it is more. */
export async function countListed(
  { actor, tenant, now, services }: TenantContext,
  filters: CredentialFilters,
): Promise<Count> {
  if (!can(actor, 'credentials:read')) throw new Forbidden();
  const { database } = services;
  const about = { dialect: database.dialect, tenantId: tenant.id, now, mostMonths: await mostMonths(tenant.id) };
  if (!filters.ownerWithoutTwoFactor) return countOf(database, about, filters, null);
  if (await fewWithoutTwoFactor(database, tenant.id)) return countOf(database, about, filters, ofThese());
  const soon = await countOf(database, about, filters, ofThese(FIRST));
  return soon === '1,000+' ? soon : countOf(database, about, filters, () => OF_ALL);
}

/** What is true of those whose owners have no two-factor authentication. */
type Owned = (about: WalkOf, put: Put) => string;

async function countOf(
  database: Database,
  about: WalkOf,
  filters: CredentialFilters,
  owned: Owned | null,
): Promise<Count> {
  const { bind, put } = values();
  const { ownerWithoutTwoFactor: _, ...others } = filters;
  const found: string[] = [];
  for (const table of tablesFor(filters)) {
    const sought = await fewSought(database, about, table, filters);
    const from = sought ? sought(put) : `FROM ${table} c`;
    const conditions = conditionsOf(table, others, about, put);
    if (owned) conditions.push(owned(about, put));
    found.push(`SELECT 1 ${from} WHERE ${conditions.join(' AND ')}`);
  }
  if (found.length === 0) return 0;
  return countIn(await database.read(counting(`FROM (${found.join(' UNION ALL ')}) AS every`), bind));
}

/** With no more people than this without two-factor authentication, all of theirs are looked at. */
const FEW = 10_000;
/** Of more, most often so many have a thousand already. */
const FIRST = 3000;

async function fewWithoutTwoFactor({ read }: Database, tenantId: string): Promise<boolean> {
  const [row] = await read(
    `SELECT SUM(people) AS people FROM user_counts WHERE tenant_id = $1 AND two_factor <> 'active'`,
    [tenantId],
  );
  return Number(row?.['people']) <= FEW;
}

/** Theirs, beginning with who they are: with all of them, or with so many in the order of the index that has nobody else. */
function ofThese(most?: number): Owned {
  const some = most === undefined ? '' : `ORDER BY u.has_passkey, u.two_factor, u.status, u.kind, u.id LIMIT ${most}`;
  return ({ dialect, tenantId }, put) => {
    const ids = `SELECT u.id FROM users u WHERE u.tenant_id = ${put(tenantId)} AND u.two_factor <> 'active' ${some}`;
    return dialect === 'sqlite' ? `c.user_id IN (${ids})` : `c.user_id = ANY (ARRAY(${ids}))`;
  };
}

/** One by one: PostgreSQL would bring all of both together first. */
const OF_ALL = `(SELECT u.two_factor FROM users u WHERE u.tenant_id = c.tenant_id AND u.id = c.user_id) <> 'active'`;
