import { holdsAlike } from '#models/alike.js';
import type { TenantState } from '#policies/enumerations.js';
import type { Row } from '#models/database.js';
import { values } from '#models/paging.js';
import { can } from '#policies/can.js';
import type { Context } from '#server/context.js';
import { Forbidden } from '#server/errors.js';

export interface TenantFilter {
  /** In the name or the short name. */
  q?: string;
  status?: TenantState | undefined;
  page?: number | undefined;
  /** How many a page; by default 25. */
  size?: number;
  /** Go on behind this short name, in place of `page`. */
  after?: string | undefined;
}

export interface TenantInList {
  id: string;
  slug: string;
  name: string;
  status: TenantState;
  createdAt: number;
  suspendedAt: number | null;
}

export interface TenantPage {
  tenants: TenantInList[];
  total: number;
  page: number;
  size: number;
}

/** The organisations of this installation, the platform with them, by short name. */
export async function listTenants(
  context: Context,
  { q = '', status, page = 1, size = 25, after }: TenantFilter = {},
): Promise<TenantPage> {
  if (!can(context.actor, 'tenants:read')) throw new Forbidden();
  const { database } = context.services;
  const { bind, put } = values();
  const conditions: string[] = [];
  if (status !== undefined) conditions.push(`status = ${put(status)}`);
  if (q !== '') conditions.push(`(${['name', 'slug'].map((one) => holdsAlike(database, one, q, put)).join(' OR ')})`);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const [counted] = await database.read(`SELECT count(*) AS total FROM tenants ${where}`, bind);
  const total = Number(counted?.['total'] ?? 0);
  const last = Math.max(1, Math.ceil(total / size));
  const shown = after === undefined ? Math.min(page, last) : 1;
  if (after !== undefined) conditions.push(`slug > ${put(after)}`);
  const beyond = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rows = await database.read(
    `SELECT id, slug, name, status, created_at, suspended_at FROM tenants ${beyond} ORDER BY slug LIMIT ${put(size)} OFFSET ${put((shown - 1) * size)}`,
    bind,
  );
  return { tenants: rows.map(tenantOf), total, page: shown, size };
}

function tenantOf(row: Row): TenantInList {
  return {
    id: String(row['id']),
    slug: String(row['slug']),
    name: String(row['name']),
    status: row['status'] as TenantInList['status'],
    createdAt: Number(row['created_at']),
    suspendedAt: row['suspended_at'] === null ? null : Number(row['suspended_at']),
  };
}
