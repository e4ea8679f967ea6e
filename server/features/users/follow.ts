import type { Row } from '#models/database.js';
import {
  behind,
  COUNTED,
  countIn,
  counting,
  orderBy,
  placeColumns,
  placeOf,
  values,
  type Order,
  type Value,
} from '#models/paging.js';
import { fromValues, told } from '#models/by-hand.js';
import type { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import type { UserFilters } from './filters.js';
import { goesByNames, orderOf, type Sort } from './order.js';
import { firstAtOnce } from './first.js';
import { metSoon, searchUsers, type Part } from './search.js';
import { findUser, type UserWithRoles } from '#server/identity/user.js';

export interface UsersFrom {
  sort: Sort;
  limit: number;
  /** What the last user of the page before was sorted by. */
  after: readonly Value[] | null;
}

/** The next of the tenant's users that match, and where to go on: as fast for a hundred thousand as for a hundred. */
export async function followUsers(
  context: TenantContext,
  filters: UserFilters,
  { sort, limit, after }: UsersFrom,
): Promise<{ users: FollowedUser[]; next: Value[] | null }> {
  demandReading(context);
  const { database } = context.services;
  const search = await searchUsers(context, filters);
  const order = orderOf(sort);
  const begun = after ? null : await firstAtOnce(context, search, sort, limit + 1);
  const rows = begun ? begun.rows : await onwards();
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const ids = shown.map((row) => String(row['id']));
  const byId = await withRoles(context, ids);
  return {
    users: ids.flatMap((id) => byId.get(id) ?? []),
    next: last ? placeOf(order, last) : null,
  };

  async function onwards(): Promise<Row[]> {
    const { gathered, walked, passed } = search;
    const many = countIn(await database.read(counting(gathered.sql), gathered.bind)) === '1,000+';
    const soon = many && passed && (after ?? !goesByNames(sort));
    return (
      (soon && (await metSoon(context, passed, order, limit + 1, after))) ||
      database.read(...next(many ? await walked(sort) : gathered, many, order, after, limit))
    );
  }
}

/** One user of the tenant, with roles. Throws `NotFound`, for another tenant's too. */
export async function readUser(context: TenantContext, userId: string): Promise<UserWithRoles> {
  demandReading(context);
  return findUser(context, userId);
}

/** What is told of each. */
const TOLD = [
  ...(['id', 'kind', 'status', 'username', 'name', 'email', 'twoFactor', 'mustSetUpTwoFactor'] as const),
  ...(['mustChangePassword', 'breakGlass', 'locale', 'timeZone', 'lockedUntil', 'createdAt'] as const),
  ...(['lastSignedInAt', 'passwordChangedAt', 'removalAt'] as const),
];

/** A user as a list tells of them: of their roles no more than what they are called. */
export type FollowedUser = Pick<User, (typeof TOLD)[number]> & { roles: Pick<Role, 'id' | 'name'>[] };

async function withRoles(
  { tenant, services: { database } }: TenantContext,
  ids: readonly string[],
): Promise<Map<string, FollowedUser>> {
  const users = new Map<string, FollowedUser>();
  if (ids.length === 0) return users;
  const { columns, valuesOf } = told(database.dialect, User, 'u', TOLD);
  const sql = `SELECT u.id, ${columns}, r.id AS role_id, r.name AS role_name ${fromValues(database.dialect, 'users', 'u', 'id')}
LEFT JOIN user_roles h ON h.tenant_id = u.tenant_id AND h.user_id = u.id
LEFT JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id`;
  for (const row of await database.read(sql, [tenant.id, JSON.stringify(ids)])) {
    const id = String(row['id']);
    const user = users.get(id) ?? { ...valuesOf(row), roles: [] };
    if (row['role_id'] !== null) user.roles.push({ id: String(row['role_id']), name: String(row['role_name']) });
    users.set(id, user);
  }
  return users;
}

function demandReading({ actor }: TenantContext): void {
  if (!can(actor, 'users:read')) throw new Forbidden();
}

/** What gives the next of these; few are all found and then put in order: the LIMIT inside keeps both engines from merging the two steps again. */
function next(
  { sql: found, bind: asked }: Part,
  many: boolean,
  order: Order,
  after: readonly Value[] | null,
  limit: number,
): [sql: string, bind: Value[]] {
  const { bind, put } = values(...asked);
  const beyond = after ? behind(order, after, put) : null;
  const from = many
    ? `${found} ${beyond ? `AND ${beyond}` : ''}`
    : `FROM (SELECT u.* ${found} LIMIT ${COUNTED}) u ${beyond ? `WHERE ${beyond}` : ''}`;
  return [`SELECT u.id, ${placeColumns(order)} ${from} ${orderBy(order)} LIMIT ${put(limit + 1)}`, bind];
}
