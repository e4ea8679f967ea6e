import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import type { CursorValue } from '#server/lib/cursor.js';
import { matchingUsers, type UserFilters } from './filters.js';
import { orderOf, type Sort } from './order.js';
import { findUser, type UserWithRoles } from '#server/identity/user.js';

/** With more matches than this they are met in their order; up to it, all are found first and then put in order. */
const FEW = 1000;

export interface UsersFrom {
  sort: Sort;
  limit: number;
  /** What the last user of the page before was sorted by. */
  after: readonly CursorValue[] | null;
}

/** The next of the tenant's users that match, and where to go on: as fast for a hundred thousand as for a hundred. */
export async function followUsers(
  context: TenantContext,
  filters: UserFilters,
  { sort, limit, after }: UsersFrom,
): Promise<{ users: UserWithRoles[]; next: CursorValue[] | null }> {
  demandReading(context);
  const { database } = context.services;
  const { gathered, walked, bind } = matchingUsers(context, filters);
  const { columns, descending } = orderOf(sort);
  const [counted] = await database.read(
    `SELECT COUNT(*) AS found FROM (SELECT 1 ${gathered} LIMIT ${FEW + 1}) AS counted`,
    [...bind],
  );
  const few = Number(counted?.['found']) <= FEW;
  const places = [...bind, ...(after ?? [])];
  const beyond = `(${columns.join(', ')}) ${descending ? '<' : '>'} (${columns.map((_column, index) => `$${bind.length + 1 + index}`).join(', ')})`;
  // The LIMIT inside keeps both engines from merging the two steps again.
  const from = few
    ? `FROM (SELECT u.* ${gathered} LIMIT ${FEW}) u ${after ? `WHERE ${beyond}` : ''}`
    : `${walked} ${after ? `AND ${beyond}` : ''}`;
  const keys = columns.map((column, index) => `${column} AS key_${index}`).join(', ');
  const order = columns.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ');
  const rows = await database.read(
    `SELECT u.id, ${keys} ${from} ORDER BY ${order} LIMIT $${places.push(limit + 1)}`,
    places,
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const ids = shown.map((row) => String(row['id']));
  const found = new Map((await withRoles(context.tenant.id, ids)).map((user) => [user.id, user]));
  return {
    users: ids.flatMap((id) => found.get(id) ?? []),
    next: last ? columns.map((_column, index) => last[`key_${index}`] as CursorValue) : null,
  };
}

/** One user of the tenant, with roles. Throws `NotFound`, for another tenant's too. */
export async function readUser(context: TenantContext, userId: string): Promise<UserWithRoles> {
  demandReading(context);
  return findUser(context, userId);
}

async function withRoles(tenantId: string, id: readonly string[]): Promise<UserWithRoles[]> {
  return (await User.findAll({ where: { tenantId, id: [...id] }, include: 'roles' })) as UserWithRoles[];
}

function demandReading({ actor }: TenantContext): void {
  if (!can(actor, 'users:read')) throw new Forbidden();
}
