import type { ListedKind } from '#policies/enumerations.js';
import type { Database } from '#models/database.js';
import { holds, type Order, type Put } from '#models/paging.js';
import { wordsOf } from '#models/user-search.js';
import { DAY } from '#server/lib/clock.js';

export interface CredentialFilters {
  kind?: ListedKind | undefined;
  /** Of this user. */
  user?: string | undefined;
  /** SSH keys are left out. */
  api?: 'yes' | undefined;
  /** Not used for 90 days, or made so long ago and never used. */
  unused?: 'yes' | undefined;
  /** Expires within 14 days. */
  expiring?: 'yes' | undefined;
  /** Lasts longer than the policy allows today. */
  overPolicy?: 'yes' | undefined;
  /** Never expires. */
  noEnd?: 'yes' | undefined;
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

interface Entry extends Order {
  /** What the index is entered by. */
  where: (filters: CredentialFilters, about: WalkOf, put: Put) => readonly string[];
}

const CREATED = ['c.created_at', 'c.id'] as const;
const USED = 'COALESCE(c.last_used_at, c.created_at)';

const ORDERS = {
  user: { columns: CREATED, descending: true, where: ({ user = '' }, _about, put) => [`c.user_id = ${put(user)}`] },
  noEnd: { columns: CREATED, descending: true, where: () => ['c.expires_at IS NULL'] },
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

export type OrderName = keyof typeof ORDERS;

/** Where credentials stand, with what is true of those that nobody has revoked. */
const TABLES = { api_credentials: ['c.revoked_at IS NULL'], ssh_keys: [] } as const;

export type Table = keyof typeof TABLES;

/** The tables in which something may match: no policy bounds an SSH key, and no address list. */
export function tablesFor({ kind, api, overPolicy, noAddresses }: CredentialFilters): readonly Table[] {
  const among = (Object.keys(TABLES) as Table[]).filter((table) => (kind === 'ssh-key') === (table === 'ssh_keys'));
  const named = kind === undefined ? (Object.keys(TABLES) as Table[]) : among;
  return api || overPolicy || noAddresses ? named.filter((table) => table !== 'ssh_keys') : named;
}

/** True for a credential that lasts longer than so many months. */
export function lastsLonger(
  { createdAt, expiresAt }: { createdAt: number; expiresAt: number | null },
  months: number,
): boolean {
  return expiresAt !== null && expiresAt - createdAt > months * MONTH;
}

/** The order that these filters are walked in: that of the one which leaves the fewest rows. */
export function orderFor({ user, noEnd, expiring, unused, overPolicy, kind }: CredentialFilters): OrderName {
  if (user !== undefined) return 'user';
  if (noEnd) return 'noEnd';
  if (expiring) return 'expiring';
  if (unused) return 'unused';
  if (overPolicy) return 'overPolicy';
  // SSH keys are a table of their own.
  return kind === undefined || kind === 'ssh-key' ? 'created' : 'kind';
}

/** The columns of an order, and which way it goes. */
export function orderCalled(name: OrderName): Order {
  return ORDERS[name];
}

/** What a walk through a table is entered by. */
export function entryOf(table: Table, filters: CredentialFilters, about: WalkOf, put: Put): string[] {
  const order: Entry = ORDERS[orderFor(filters)];
  return [`c.tenant_id = ${put(about.tenantId)}`, ...TABLES[table], ...order.where(filters, about, put)];
}

/** What is true of each that is listed, whatever the order: for who counts them. */
export function conditionsOf(table: Table, filters: CredentialFilters, about: WalkOf, put: Put): string[] {
  return [...entryOf(table, filters, about, put), ...checksOf(filters, about, put)];
}

/** Each has an owner, `u`: they are read only where something is asked of them. */
export function ownersFor({ ownerWithoutTwoFactor }: CredentialFilters): string {
  return ownerWithoutTwoFactor ? 'JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id' : '';
}

/** What works, and what the walk has not looked at yet. A walk that is entered by a filter has. */
export function checksOf(filters: CredentialFilters, about: WalkOf, put: Put): string[] {
  const { kind, user, unused, expiring, overPolicy, noEnd, ownerWithoutTwoFactor, noAddresses, q = '' } = filters;
  const { now, mostMonths } = about;
  const order = orderFor(filters);
  const checks = [`(c.expires_at IS NULL OR c.expires_at > ${put(now)})`];
  // One row, which PostgreSQL would otherwise look for among all users.
  if (user !== undefined) checks.push(`c.user_id = ${put(user)}`);
  if (kind !== undefined && kind !== 'ssh-key' && order !== 'kind') checks.push(`c.kind = ${put(kind)}`);
  if (noEnd && order !== 'noEnd') checks.push('c.expires_at IS NULL');
  if (unused && order !== 'unused') checks.push(`${USED} <= ${put(now - UNUSED_FOR)}`);
  if (expiring && order !== 'expiring') checks.push(`c.expires_at <= ${put(now + SOON)}`);
  // What the policy has shortened keeps the number of months that it was made for.
  if (overPolicy)
    checks.push(`c.months > ${put(mostMonths)} AND c.expires_at - c.created_at > ${put(mostMonths * MONTH)}`);
  if (ownerWithoutTwoFactor) checks.push(`u.two_factor <> 'active'`);
  if (noAddresses) checks.push(`c.allowed_ips = ''`);
  for (const word of wordsOf(q)) checks.push(holds('c.search_key', word, put));
  return checks;
}
