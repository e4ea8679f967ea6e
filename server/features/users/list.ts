import type { TwoFactorState, UserKind, UserState } from '#policies/enumerations.js';
import { QueryTypes } from 'sequelize';
import type { Row } from '#models/database.js';
import type { TenantContext } from '#server/context.js';
import { matchingUsers, type Matching, type UserFilters } from './filters.js';
import { orderOf, type Order, type Sort } from './order.js';

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
  total: number | '1,000+';
  hasNext: boolean;
}

type Found = Pick<UserPage, 'users' | 'page' | 'hasNext'>;

const PAGE = 25;
/** Counting, sorting and skipping cost time for each row; with more matches than this they are followed from page to page. */
const COUNTED = 1000;

/** One page of the tenant's users that match, and how many there are: as fast for a hundred thousand as for a hundred. */
export async function listUsers(context: TenantContext, filters: UserFilters, place: Place): Promise<UserPage> {
  const matching = matchingUsers(context, filters);
  const counted = await count(context, matching);
  const many = counted > COUNTED;
  const found = many ? await walk(context, matching, place) : await gather(context, matching, place, counted);
  return { ...found, from: (found.page - 1) * PAGE + 1, total: many ? '1,000+' : counted };
}

/** How many users match; past a thousand only that it is more. */
export async function countUsers(context: TenantContext, filters: UserFilters): Promise<number | '1,000+'> {
  const counted = await count(context, matchingUsers(context, filters));
  return counted > COUNTED ? '1,000+' : counted;
}

async function count(context: TenantContext, { gathered, bind }: Matching): Promise<number> {
  const [row] = await select(
    context,
    `SELECT COUNT(*) AS found FROM (SELECT 1 ${gathered} LIMIT ${COUNTED + 1}) AS counted`,
    bind,
  );
  return Number(row?.['found']);
}

/** Few match: all are found first and then put in order, because walking the order would pass by everybody else. */
async function gather(
  context: TenantContext,
  { gathered, bind }: Matching,
  place: Place,
  total: number,
): Promise<Found> {
  const page = Math.min(place.page, Math.max(1, Math.ceil(total / PAGE)));
  // The LIMIT inside keeps both engines from merging the two steps again.
  const from = `FROM (SELECT ${COLUMNS} ${gathered} LIMIT ${COUNTED}) u`;
  const users = await read(context, from, bind, orderOf(place.sort), (page - 1) * PAGE);
  return { page, users: users.slice(0, PAGE), hasNext: users.length > PAGE };
}

/** Many match: they are met in their order, from the user on where the page before ended. */
async function walk(context: TenantContext, { walked, bind }: Matching, place: Place): Promise<Found> {
  const { columns, descending } = orderOf(place.sort);
  const cursor = place.page > 1 ? await positionOf(context, columns, place.after ?? place.before) : null;
  if (!cursor) {
    const page = Math.min(place.page, COUNTED / PAGE);
    const order = { columns, descending };
    const users = await read(context, met(walked, order, (page - 1) * PAGE), bind, order);
    return { page, users: users.slice(0, PAGE), hasNext: users.length > PAGE };
  }
  const backwards = place.after === undefined;
  const places = columns.map((_column, index) => `$${bind.length + 1 + index}`);
  const beyond = `(${columns.join(', ')}) ${descending === backwards ? '>' : '<'} (${places.join(', ')})`;
  const order = { columns, descending: descending !== backwards };
  const users = await read(context, met(`${walked} AND ${beyond}`, order), [...bind, ...cursor], order);
  const shown = users.slice(0, PAGE);
  // Backwards they come last first; and the reader came from the next page, so there is one.
  return { page: place.page, users: backwards ? shown.reverse() : shown, hasNext: backwards || users.length > PAGE };
}

// Their ids first: an index that holds all that is asked then spares the rows of those who do not match.
function met(walked: string, order: Order, skipped = 0): string {
  return `FROM users u WHERE u.id IN (SELECT u.id ${walked} ORDER BY ${inOrder(order)} LIMIT ${PAGE + 1} OFFSET ${skipped})`;
}

function inOrder({ columns, descending }: Order): string {
  return columns.map((column) => `${column} ${descending ? 'DESC' : 'ASC'}`).join(', ');
}

const COLUMNS = `u.tenant_id, u.id, u.kind, u.status, u.username, u.username_key, u.name, u.name_key, u.email, u.email_key,
  u.two_factor, u.locked_until, u.last_signed_in_at, u.created_at`;

/** One user more than a page holds, which tells whether there is a next one; with their roles, in the same statement. */
async function read(
  context: TenantContext,
  from: string,
  bind: Matching['bind'],
  by: Order,
  skipped = 0,
): Promise<ListedUser[]> {
  const order = inOrder(by);
  const sql = `
SELECT u.*, r.name AS role_name
FROM (SELECT ${COLUMNS} ${from} ORDER BY ${order} LIMIT ${PAGE + 1} OFFSET ${skipped}) u
LEFT JOIN user_roles ur ON ur.tenant_id = u.tenant_id AND ur.user_id = u.id
LEFT JOIN roles r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id
ORDER BY ${order}, r.name_key`;
  const users = new Map<string, ListedUser>();
  for (const row of await select(context, sql, bind)) {
    const { id, role_name: role } = row;
    const user = users.get(String(id)) ?? userOf(row, context.now);
    if (role !== null) user.roles.push(String(role));
    users.set(user.id, user);
  }
  return [...users.values()];
}

/** Where a user stands in an order. The address of a page holds an id alone, for it ends up in histories and logs. */
async function positionOf(
  context: TenantContext,
  columns: readonly string[],
  userId: string | undefined,
): Promise<(string | number)[] | null> {
  if (userId === undefined) return null;
  const named = columns.map((column, index) => `${column} AS key_${index}`).join(', ');
  const [row] = await select(context, `SELECT ${named} FROM users u WHERE u.tenant_id = $1 AND u.id = $2`, [
    context.tenant.id,
    userId,
  ]);
  return row ? columns.map((_column, index) => row[`key_${index}`] as string | number) : null;
}

function select({ services }: TenantContext, sql: string, bind: Matching['bind']): Promise<Row[]> {
  return services.database.sequelize.query<Row>(sql, { bind: [...bind], type: QueryTypes.SELECT });
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
  };
}
