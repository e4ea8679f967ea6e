import { holds, values, type Value } from '#models/paging.js';
import { wordsOf } from '#models/user-search.js';
import { administrator, invitationLapsed, lacksPasskey } from '#models/user-standing.js';
import type { TwoFactorState, UserKind, UserState } from '#policies/enumerations.js';
import { STALE_AFTER_DAYS } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { kindNamed } from '#server/identity/factor-kind.js';
import { someWithSecondFactor, withSecondFactor } from '#server/identity/factor-sql.js';
import { DAY } from '#server/lib/clock.js';
import { isName, type Sort } from './order.js';

export interface UserFilters {
  q: string;
  kind?: UserKind | undefined;
  status?: UserState | undefined;
  roleId?: string | undefined;
  twoFactor?: TwoFactorState | undefined;
  /** Has a passkey, whatever it may do now, or has none. */
  passkey?: 'yes' | 'no' | undefined;
  /** Has a second factor of whatever kind that counts, or has none. */
  secondFactor?: 'yes' | 'no' | undefined;
  /** Is kept for the day on which nothing else opens the organisation, or is not. */
  breakGlass?: 'yes' | 'no' | undefined;
  /** A passkey is demanded, and there is none, or not enough. */
  lacksPasskey?: 'yes' | undefined;
  /** May do something to others. */
  administrators?: 'yes' | undefined;
  locked?: 'yes' | undefined;
  stale?: 'yes' | undefined;
  /** Was invited, and can no longer accept. */
  lapsed?: 'yes' | undefined;
}

/** The names of the filters, in the order in which they are told. */
const NAMES = [
  ...(['q', 'kind', 'status', 'roleId', 'twoFactor', 'passkey', 'secondFactor', 'breakGlass'] as const),
  ...(['lacksPasskey', 'administrators', 'locked', 'stale', 'lapsed'] as const),
] satisfies (keyof UserFilters)[];

/** Of what was asked, what filters the users. */
export function filtersIn(asked: UserFilters): UserFilters {
  return Object.fromEntries(NAMES.map((name) => [name, asked[name]])) as unknown as UserFilters;
}

/** The users `u` that match, always of one tenant, as the rest of a SELECT from FROM on. Nothing that was typed stands in it. */
export interface Matching {
  /** To find them all: the engine may begin with whatever is rarest. */
  gathered: string;
  /** To meet them one by one in the order of an index, and stop early: of this order, where it is known. */
  walked: (sort?: Sort) => string;
  bind: readonly Value[];
}

// In an order of names those who have long been away stand as everybody does. SQLite would bring all of them together by their
// index, thousands, and put them in order for a page of fifty.
const AWAY = `u.status = 'active' AND u.kind = 'person' AND COALESCE`;
const withoutIndex = (where: string): string =>
  where.replace(AWAY, `u.status || '' = 'active' AND u.kind || '' = 'person' AND COALESCE`);

// Nobody without a second factor has an app: of those without one there is an index, in these very words, which holds the rest.
const WITHOUT_APP = `u.two_factor <> 'active'`;

// Of those who have a passkey there is one, too: the first of them by their names.
const WITH_PASSKEY = { kept: 'u.has_passkey', order: 'ORDER BY u.name_key, u.id' };

/** With `fewHold`, so few hold the role that is asked for that all of them can be kept at hand. */
export function matchingUsers(
  { services, tenant, now }: TenantContext,
  filters: UserFilters,
  { fewHold = false } = {},
): Matching {
  const { dialect } = services.database;
  const { bind, put } = values(tenant.id);
  const { held: withPasskey, holders } = kindNamed('passkey');
  const words = wordsOf(filters.q).map((word) => holds('u.search_key', word, put));
  // Whoever is found by letters is looked at where that is not kept.
  const withFactor = withSecondFactor({ asKept: words.length === 0 });
  const clauses = ['u.tenant_id = $1', ...words];
  if (filters.kind) clauses.push(`u.kind = ${put(filters.kind)}`);
  if (filters.status) clauses.push(`u.status = ${put(filters.status)}`);
  if (filters.twoFactor) clauses.push(`u.two_factor = ${put(filters.twoFactor)}`);
  if (filters.passkey === 'no') clauses.push(`NOT ${withPasskey}`);
  if (filters.secondFactor === 'no') clauses.push(`NOT ${withFactor}`);
  if (filters.breakGlass) clauses.push(`${filters.breakGlass === 'yes' ? '' : 'NOT '}u.break_glass`);
  if (filters.lacksPasskey) clauses.push(lacksPasskey(dialect));
  if (filters.administrators) clauses.push(administrator(dialect));
  if (filters.lapsed) clauses.push(invitationLapsed(put(now)));
  if (filters.locked) clauses.push(`u.locked_until > ${put(now)}`);
  if (filters.stale) {
    clauses.push(`${AWAY}(u.last_signed_in_at, u.created_at) <= ${put(now - STALE_AFTER_DAYS * DAY)}`);
  }
  const where = clauses.join(' AND ');
  const [passkey, factor] = [filters.passkey === 'yes', filters.secondFactor === 'yes'];
  const byKept = passkey && words.length === 0;
  const and = (...more: (string | false)[]): string => [where, ...more].filter((one) => one !== false).join(' AND ');
  const some = and(
    passkey && (byKept ? WITH_PASSKEY.kept : `u.id IN (${holders ?? ''})`),
    factor && someWithSecondFactor(dialect),
  );
  const each = and(passkey && withPasskey, factor && withFactor);
  // In the order of its index, which no engine would take by itself: it cannot tell how few have been away so long, or have one.
  const away = filters.stale && words.length === 0 ? ' ORDER BY COALESCE(u.last_signed_in_at, u.created_at)' : '';
  const first = away === '' && byKept ? ` ${WITH_PASSKEY.order}` : away;
  // Whose ids are looked for first: SQLite would rather go through everybody's rows of some index of the tenant.
  const few = dialect === 'sqlite' && (filters.lacksPasskey ?? filters.administrators) !== undefined;
  const begun = few ? some.replace('u.tenant_id = $1', `u.tenant_id || '' = $1`) : some;
  const gathered = filters.secondFactor === 'no' ? `${begun} AND ${WITHOUT_APP}` : begun;
  const inOrder = (sort: Sort | undefined): string => {
    const met = dialect === 'sqlite' && sort && isName(sort) ? withoutIndex(each) : each;
    return byKept && sort?.replace('-', '') === 'name' ? `${met} AND ${WITH_PASSKEY.kept}` : met;
  };
  if (!filters.roleId)
    return {
      gathered: `FROM users u WHERE ${gathered}${first}`,
      walked: (sort) => `FROM users u WHERE ${inOrder(sort)}`,
      bind,
    };
  const role = put(filters.roleId);
  const held = `held.tenant_id = u.tenant_id AND held.user_id = u.id AND held.role_id = ${role}`;
  // Nobody is looked up who does not hold it. But for the last words PostgreSQL would look for each of them all the same.
  const holding = fewHold
    ? `(u.id IN (SELECT h.user_id FROM user_roles h WHERE h.tenant_id = $1 AND h.role_id = ${role})) IS TRUE`
    : `EXISTS (SELECT 1 FROM user_roles held WHERE ${held})`;
  return {
    gathered:
      fewHold && words.length > 0
        ? `FROM users u WHERE ${gathered} AND ${holding}`
        : `FROM users u JOIN user_roles held ON ${held} WHERE ${gathered}`,
    walked: (sort) => `FROM users u WHERE ${inOrder(sort)} AND ${holding}`,
    bind,
  };
}
