import { fromValues } from '#models/by-hand.js';
import type { TwoFactorState, UserKind, UserState } from '#policies/enumerations.js';
import type { Row } from '#models/database.js';
import {
  behind,
  COUNTED,
  orderBy,
  placeColumns,
  placeOf,
  turned,
  values,
  type Count,
  type Order,
  type Value,
} from '#models/paging.js';
import type { TenantContext } from '#server/context.js';
import type { UserFilters } from './filters.js';
import { goesByNames, orderOf, type Sort } from './order.js';
import { firstAtOnce, firstOf } from './first.js';
import { metSoon, searchUsers, type Search } from './search.js';

export interface ListedUser {
  id: string;
  kind: UserKind;
  status: UserState;
  username: string;
  name: string;
  email: string;
  twoFactor: TwoFactorState;
  roles: string[];
  locked: boolean;
  lastSignedInAt: number | null;
  createdAt: number;
  /** When the account goes, whose owner has asked for that. */
  removalAt: number | null;
  breakGlass: boolean;
}

/** Which part of the list: a page by its number, or the one next to a user that the reader has seen. */
export interface Place {
  sort: Sort;
  page: number;
  after?: string | undefined;
  before?: string | undefined;
}

export interface UserPage {
  users: ListedUser[];
  page: number;
  /** The place in the list of the first of these. */
  from: number;
  total: Count;
  hasNext: boolean;
}

type Found = Pick<UserPage, 'users' | 'page' | 'hasNext'>;

const PAGE = 50;

/** One page of the tenant's users that match, and how many there are: as fast for a hundred thousand as for a hundred. */
export async function listUsers(context: TenantContext, filters: UserFilters, place: Place): Promise<UserPage> {
  const matching = await searchUsers(context, filters);
  const begun = place.page === 1 ? await begin(context, matching, place) : null;
  if (begun) return begun;
  const ids = await firstOf(context, matching);
  const many = ids.length > COUNTED;
  const found = many ? await walk(context, matching, place) : await gather(context, ids, place);
  return { ...found, from: (found.page - 1) * PAGE + 1, total: many ? '1,000+' : ids.length };
}

/** The first page of whoever has these letters, or is one of few, and how many they are. Null: too many to put in order. */
async function begin(context: TenantContext, matching: Search, place: Place): Promise<UserPage | null> {
  const first = await firstAtOnce(context, matching, place.sort, PAGE + 1);
  if (first === null) return null;
  const ids = first.rows.map(({ id }) => String(id));
  const { found } = first;
  return { ...(await gather(context, ids, place)), from: 1, total: found > COUNTED ? '1,000+' : found };
}

/** Few match: they are known, and put in order; walking the order would pass by everybody else. */
async function gather(context: TenantContext, ids: readonly string[], place: Place): Promise<Found> {
  const page = Math.min(place.page, Math.max(1, Math.ceil(ids.length / PAGE)));
  if (ids.length === 0) return { page, users: [], hasNext: false };
  const from = fromValues(context.services.database.dialect, 'users', 'u', 'id');
  const bind = [context.tenant.id, JSON.stringify(ids)];
  const users = await read(context, from, bind, orderOf(place.sort), (page - 1) * PAGE);
  return { page, users: users.slice(0, PAGE), hasNext: users.length > PAGE };
}

/** Many match: they are met in their order, from the user on where the page before ended. */
async function walk(context: TenantContext, matching: Search, place: Place): Promise<Found> {
  const order = orderOf(place.sort);
  const cursor = place.page > 1 ? await positionOf(context, order, place.after ?? place.before) : null;
  const onwards = cursor && place.after === undefined ? turned(order) : order;
  if (matching.passed && (cursor ?? (place.page === 1 && !goesByNames(place.sort)))) {
    const rows = await metSoon(context, matching.passed, onwards, PAGE + 1, cursor);
    const ids = rows?.slice(0, PAGE).map(({ id }) => String(id));
    if (ids) return { ...(await gather(context, ids, { ...place, page: 1 })), page: place.page, hasNext: true };
  }
  const { sql: walked, bind: asked } = await matching.walked(place.sort);
  const { bind, put } = values(...asked);
  if (!cursor) {
    const page = Math.min(place.page, COUNTED / PAGE);
    const users = await read(context, met(walked, order, (page - 1) * PAGE), bind, order);
    return { page, users: users.slice(0, PAGE), hasNext: users.length > PAGE };
  }
  const backwards = onwards !== order;
  const users = await read(context, met(`${walked} AND ${behind(onwards, cursor, put)}`, onwards), bind, onwards);
  const shown = users.slice(0, PAGE);
  // Backwards they come last first; and the reader came from the next page, so there is one.
  return { page: place.page, users: backwards ? shown.reverse() : shown, hasNext: backwards || users.length > PAGE };
}

// Their ids first: an index that holds all that is asked then spares the rows of those who do not match.
function met(walked: string, order: Order, skipped = 0): string {
  return `FROM users u WHERE u.id IN (SELECT u.id ${walked} ${orderBy(order)} LIMIT ${PAGE + 1} OFFSET ${skipped})`;
}

const COLUMNS = `u.tenant_id, u.id, u.kind, u.status, u.username, u.username_key, u.name, u.name_key, u.email, u.email_key,
  u.two_factor, u.locked_until, u.last_signed_in_at, u.created_at, u.removal_at, u.break_glass`;

/** One user more than a page holds, which tells whether there is a next one; with their roles, in the same statement. */
async function read(
  context: TenantContext,
  from: string,
  bind: readonly Value[],
  by: Order,
  skipped = 0,
): Promise<ListedUser[]> {
  const order = orderBy(by);
  const sql = `
SELECT u.*, r.name AS role_name
FROM (SELECT ${COLUMNS} ${from} ${order} LIMIT ${PAGE + 1} OFFSET ${skipped}) u
LEFT JOIN user_roles ur ON ur.tenant_id = u.tenant_id AND ur.user_id = u.id
LEFT JOIN roles r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id
${order}, r.name_key`;
  const users = new Map<string, ListedUser>();
  for (const row of await context.services.database.read(sql, bind)) {
    const { id, role_name: role } = row;
    const user = users.get(String(id)) ?? userOf(row, context.now);
    if (role !== null) user.roles.push(String(role));
    users.set(user.id, user);
  }
  return [...users.values()];
}

/** Where a user stands in an order. The address of a page holds an id alone, for it ends up in histories and logs. */
async function positionOf(
  { services, tenant }: TenantContext,
  order: Order,
  userId: string | undefined,
): Promise<Value[] | null> {
  if (userId === undefined) return null;
  const sql = `SELECT ${placeColumns(order)} FROM users u WHERE u.tenant_id = $1 AND u.id = $2`;
  const [row] = await services.database.read(sql, [tenant.id, userId]);
  return row ? placeOf(order, row) : null;
}

function userOf(row: Row, now: number): ListedUser {
  const text = (column: string): string => String(row[column]);
  return {
    id: text('id'),
    kind: row['kind'] as ListedUser['kind'],
    status: row['status'] as ListedUser['status'],
    username: text('username'),
    name: text('name'),
    email: text('email'),
    twoFactor: row['two_factor'] as ListedUser['twoFactor'],
    roles: [],
    locked: Number(row['locked_until'] ?? 0) > now,
    lastSignedInAt: row['last_signed_in_at'] === null ? null : Number(row['last_signed_in_at']),
    createdAt: Number(row['created_at']),
    removalAt: row['removal_at'] === null ? null : Number(row['removal_at']),
    breakGlass: row['break_glass'] === true || row['break_glass'] === 1,
  };
}
