import type { CredentialKind } from '#policies/enumerations.js';
import type { Database, Row } from '#models/database.js';
import type { CursorValue } from '#server/lib/cursor.js';
import { DAY } from '#server/lib/clock.js';

export interface CredentialFilters {
  kind?: CredentialKind | undefined;
  /** Of this user. */
  user?: string | undefined;
  /** Not used for 90 days, or made so long ago and never used. */
  unused?: 'yes' | undefined;
  /** Expires within 14 days. */
  expiring?: 'yes' | undefined;
  /** Lasts longer than the policy allows today. */
  overPolicy?: 'yes' | undefined;
  ownerWithoutTwoFactor?: 'yes' | undefined;
}

export interface WalkOf {
  tenantId: string;
  now: number;
  mostMonths: number;
}

const UNUSED_FOR = 90 * DAY;
const SOON = 14 * DAY;
/** The longest month: with fewer days for each month, a token is within what the policy allows. */
const MONTH = 31 * DAY;
/** How many rows a page may look at: what is rare is looked for over several pages, and none of them is slow. */
const WINDOW = 10_000;

interface Order {
  /** Sorted by these, of which the last names one row; each order has an index that begins with the tenant. */
  columns: readonly [string, string];
  descending: boolean;
  /** What the index is entered by. */
  where: (filters: CredentialFilters, about: WalkOf, value: (one: string | number) => string) => readonly string[];
}

const CREATED = ['c.created_at', 'c.id'] as const;
const USED = 'COALESCE(c.last_used_at, c.created_at)';

const ORDERS = {
  user: { columns: CREATED, descending: true, where: ({ user = '' }, _about, value) => [`c.user_id = ${value(user)}`] },
  expiring: {
    columns: ['c.expires_at', 'c.id'],
    descending: false,
    where: (_filters, { now }, value) => [`c.expires_at > ${value(now)}`, `c.expires_at <= ${value(now + SOON)}`],
  },
  unused: {
    columns: [USED, 'c.id'],
    descending: false,
    where: (_filters, { now }, value) => [`${USED} <= ${value(now - UNUSED_FOR)}`],
  },
  overPolicy: {
    columns: ['c.months', 'c.id'],
    descending: true,
    where: (_filters, about, value) => [`c.months > ${value(about.mostMonths)}`],
  },
  kind: { columns: CREATED, descending: true, where: ({ kind = '' }, _about, value) => [`c.kind = ${value(kind)}`] },
  created: { columns: CREATED, descending: true, where: () => [] },
} as const satisfies Record<string, Order>;

/** True for a credential that lasts longer than so many months. */
export function lastsLonger(
  { createdAt, expiresAt }: { createdAt: number; expiresAt: number | null },
  months: number,
): boolean {
  return expiresAt !== null && expiresAt - createdAt > months * MONTH;
}

export type OrderName = keyof typeof ORDERS;

/** The order that these filters are walked in: that of the one which leaves the fewest rows. */
export function orderFor({ user, expiring, unused, overPolicy, kind }: CredentialFilters): OrderName {
  if (user !== undefined) return 'user';
  if (expiring) return 'expiring';
  if (unused) return 'unused';
  if (overPolicy) return 'overPolicy';
  return kind === undefined ? 'created' : 'kind';
}

export interface Walked {
  ids: string[];
  /** Where to go on; null at the end. */
  next: readonly CursorValue[] | null;
}

/**
 * The ids of the tenant's credentials that work and match, from a place on. One filter walks its own index, the others
 * look at no more than a window of what that finds: a hundred thousand rows cost what a thousand do.
 */
export async function walkCredentials(
  database: Database,
  about: WalkOf,
  filters: CredentialFilters,
  limit: number,
  after: readonly CursorValue[] | null,
): Promise<Walked> {
  let walked = await walkWindow(database, about, filters, limit, after, Math.min(WINDOW, limit * 4));
  if (walked.full && walked.ids.length < limit)
    walked = await walkWindow(database, about, filters, limit, after, WINDOW);
  return walked;
}

async function walkWindow(
  database: Database,
  about: WalkOf,
  filters: CredentialFilters,
  limit: number,
  after: readonly CursorValue[] | null,
  window: number,
): Promise<Walked & { full: boolean }> {
  const bind: CursorValue[] = [];
  const value = (one: CursorValue): string => `$${bind.push(one)}`;
  const name = orderFor(filters);
  const { columns, descending, where }: Order = ORDERS[name];
  const clauses = [`c.tenant_id = ${value(about.tenantId)}`, 'c.revoked_at IS NULL', ...where(filters, about, value)];
  if (after) clauses.push(`(${columns.join(', ')}) ${descending ? '<' : '>'} (${after.map(value).join(', ')})`);
  const direction = descending ? 'DESC' : 'ASC';
  const inner = `SELECT c.*, ${columns[0]} AS place FROM api_credentials c WHERE ${clauses.join(' AND ')}
    ORDER BY ${columns.map((column) => `${column} ${direction}`).join(', ')} LIMIT ${value(window)}`;
  const order = `ORDER BY c.place ${direction}, c.id ${direction}`;
  const walked = [...bind];
  const checks = checksOf(filters, name, about, value);
  const sql = `SELECT c.id, c.place FROM (${inner}) c JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
    WHERE ${checks.join(' AND ')} ${order} LIMIT ${value(limit + 1)}`;
  const rows = await database.read(sql, bind);
  const shown = rows.slice(0, limit);
  const ids = shown.map((row) => String(row['id']));
  if (rows.length > limit) return { ids, next: placeOf(shown.at(-1)), full: false };
  const [last] = await database.read(
    `SELECT c.id, c.place FROM (${inner}) c ${order} LIMIT 1 OFFSET $${walked.push(window - 1)}`,
    walked,
  );
  return { ids, next: placeOf(last), full: last !== undefined };
}

// What works, and what the walk has not looked at yet. A walk that is entered by a filter has.
function checksOf(
  { kind, user, unused, expiring, overPolicy, ownerWithoutTwoFactor }: CredentialFilters,
  order: OrderName,
  about: WalkOf,
  value: (one: CursorValue) => string,
): string[] {
  const { now, mostMonths } = about;
  const checks = [`(c.expires_at IS NULL OR c.expires_at > ${value(now)})`];
  // One row, which PostgreSQL would otherwise look for among all users.
  if (user !== undefined) checks.push(`u.id = ${value(user)}`);
  if (kind !== undefined && order !== 'kind') checks.push(`c.kind = ${value(kind)}`);
  if (unused && order !== 'unused') checks.push(`${USED} <= ${value(now - UNUSED_FOR)}`);
  if (expiring && order !== 'expiring') checks.push(`c.expires_at <= ${value(now + SOON)}`);
  // What the policy has shortened keeps the number of months that it was made for.
  if (overPolicy)
    checks.push(`c.months > ${value(mostMonths)} AND c.expires_at - c.created_at > ${value(mostMonths * MONTH)}`);
  if (ownerWithoutTwoFactor) checks.push(`u.two_factor <> 'active'`);
  return checks;
}

function placeOf(row: Row | undefined): readonly CursorValue[] | null {
  return row ? [Number(row['place']), String(row['id'])] : null;
}
