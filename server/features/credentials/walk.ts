import { holdsAlike } from '#models/alike.js';
import type { CredentialKind } from '#policies/enumerations.js';
import type { Database } from '#models/database.js';
import { behind, holds, placeOf, walkOn, type Order, type Put, type Value } from '#models/paging.js';
import { wordsOf } from '#models/user-search.js';
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
  /** May be used from every address. */
  noAddresses?: 'yes' | undefined;
  /** Words of its name, or of its owner's name or username. */
  q?: string | undefined;
}

export interface WalkOf extends Pick<Database, 'dialect'> {
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

interface Entry extends Order {
  /** What the index is entered by. */
  where: (filters: CredentialFilters, about: WalkOf, put: Put) => readonly string[];
}

const CREATED = ['c.created_at', 'c.id'] as const;
const USED = 'COALESCE(c.last_used_at, c.created_at)';

const ORDERS = {
  user: { columns: CREATED, descending: true, where: ({ user = '' }, _about, put) => [`c.user_id = ${put(user)}`] },
  expiring: {
    columns: ['c.expires_at', 'c.id'],
    descending: false,
    where: (_filters, { now }, put) => [`c.expires_at > ${put(now)}`, `c.expires_at <= ${put(now + SOON)}`],
  },
  unused: {
    columns: [USED, 'c.id'],
    descending: false,
    where: (_filters, { now }, put) => [`${USED} <= ${put(now - UNUSED_FOR)}`],
  },
  overPolicy: {
    columns: ['c.months', 'c.id'],
    descending: true,
    where: (_filters, about, put) => [`c.months > ${put(about.mostMonths)}`],
  },
  kind: { columns: CREATED, descending: true, where: ({ kind = '' }, _about, put) => [`c.kind = ${put(kind)}`] },
  created: { columns: CREATED, descending: true, where: () => [] },
} as const satisfies Record<string, Entry>;

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

export interface CredentialsWalked {
  ids: string[];
  /** Where to go on; null at the end. */
  next: readonly Value[] | null;
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
  after: readonly Value[] | null,
): Promise<CredentialsWalked> {
  let walked = await walkWindow(database, about, filters, limit, after, Math.min(WINDOW, limit * 4));
  if (walked.full && walked.ids.length < limit)
    walked = await walkWindow(database, about, filters, limit, after, WINDOW);
  return walked;
}

/** What is true of each that is listed, whatever the order: for who counts them. */
export function conditionsOf(filters: CredentialFilters, about: WalkOf, put: Put): string[] {
  const order: Entry = ORDERS[orderFor(filters)];
  const live = [`c.tenant_id = ${put(about.tenantId)}`, 'c.revoked_at IS NULL'];
  return [...live, ...order.where(filters, about, put), ...checksOf(filters, orderFor(filters), about, put)];
}

async function walkWindow(
  database: Database,
  about: WalkOf,
  filters: CredentialFilters,
  limit: number,
  after: readonly Value[] | null,
  window: number,
): Promise<CredentialsWalked & { full: boolean }> {
  const name = orderFor(filters);
  const order: Entry = ORDERS[name];
  const { rows, stop } = await walkOn(database.read, {
    from: ['api_credentials', 'c'],
    needs: 'c.*',
    columns: 'c.id',
    where: (put) => [
      `c.tenant_id = ${put(about.tenantId)}`,
      'c.revoked_at IS NULL',
      ...order.where(filters, about, put),
      ...(after ? [behind(order, after, put)] : []),
    ],
    order,
    // Each has an owner: they are read only where something is asked of them.
    join: asksOfOwner(filters) ? 'JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id' : '',
    checks: (put) => checksOf(filters, name, about, put),
    limit,
    window,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? placeOf(order, last) : stop;
  return { ids: shown.map((row) => String(row['id'])), next, full: stop !== null };
}

function asksOfOwner({ ownerWithoutTwoFactor, q = '' }: CredentialFilters): boolean {
  return ownerWithoutTwoFactor !== undefined || q !== '';
}

// What works, and what the walk has not looked at yet. A walk that is entered by a filter has.
function checksOf(
  { kind, user, unused, expiring, overPolicy, ownerWithoutTwoFactor, noAddresses, q = '' }: CredentialFilters,
  order: OrderName,
  about: WalkOf,
  put: Put,
): string[] {
  const { now, mostMonths } = about;
  const checks = [`(c.expires_at IS NULL OR c.expires_at > ${put(now)})`];
  // One row, which PostgreSQL would otherwise look for among all users.
  if (user !== undefined) checks.push(`c.user_id = ${put(user)}`);
  if (kind !== undefined && order !== 'kind') checks.push(`c.kind = ${put(kind)}`);
  if (unused && order !== 'unused') checks.push(`${USED} <= ${put(now - UNUSED_FOR)}`);
  if (expiring && order !== 'expiring') checks.push(`c.expires_at <= ${put(now + SOON)}`);
  // What the policy has shortened keeps the number of months that it was made for.
  if (overPolicy)
    checks.push(`c.months > ${put(mostMonths)} AND c.expires_at - c.created_at > ${put(mostMonths * MONTH)}`);
  if (ownerWithoutTwoFactor) checks.push(`u.two_factor <> 'active'`);
  if (noAddresses) checks.push(`c.allowed_ips = ''`);
  for (const word of wordsOf(q))
    checks.push(`(${holdsAlike(about, 'c.name', word, put)} OR ${holds('u.search_key', word, put)})`);
  return checks;
}
