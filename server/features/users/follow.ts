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
import { giveRoles } from '#models/roles-of.js';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import type { UserFilters } from './filters.js';
import { goesByNames, isName, orderOf, type Sort } from './order.js';
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
): Promise<{ users: UserWithRoles[]; next: Value[] | null }> {
  demandReading(context);
  const { database } = context.services;
  const { gathered, walked, passed } = await searchUsers(context, filters);
  const order = orderOf(sort);
  const many = countIn(await database.read(counting(gathered.sql), gathered.bind)) === '1,000+';
  const soon = many && passed && (after ?? !goesByNames(sort));
  const rows =
    (soon && (await metSoon(context, passed, order, limit + 1, after))) ||
    (await database.read(...next(many ? await walked(isName(sort)) : gathered, many, order, after, limit)));
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const ids = shown.map((row) => String(row['id']));
  const byId = new Map((await withRoles(context.tenant.id, ids)).map((user) => [user.id, user]));
  return {
    users: ids.flatMap((id) => byId.get(id) ?? []),
    next: last ? placeOf(order, last) : null,
  };
}

/** One user of the tenant, with roles. Throws `NotFound`, for another tenant's too. */
export async function readUser(context: TenantContext, userId: string): Promise<UserWithRoles> {
  demandReading(context);
  return findUser(context, userId);
}

async function withRoles(tenantId: string, id: readonly string[]): Promise<UserWithRoles[]> {
  const users = await User.findAll({ where: { tenantId, id: [...id] } });
  await giveRoles(tenantId, users);
  return users as UserWithRoles[];
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
