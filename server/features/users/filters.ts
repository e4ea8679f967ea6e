import { holds, values, type Value } from '#models/paging.js';
import { wordsOf } from '#models/user-search.js';
import { administrator, invitationLapsed, lacksPasskey } from '#models/user-standing.js';
import type { TwoFactorState, UserKind, UserState } from '#policies/enumerations.js';
import { STALE_AFTER_DAYS } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { kindNamed } from '#server/identity/factor-kind.js';
import { someWithSecondFactor, withSecondFactor } from '#server/identity/factor-sql.js';
import { DAY } from '#server/lib/clock.js';

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
  /** To meet them one by one in the order of an index, and stop early. */
  walked: string;
  /** The same in an order of names, in which those who have long been away stand as everybody does. */
  walkedByName: string;
  bind: readonly Value[];
}

// SQLite would bring all of them together by their index, thousands, and put them in order for a page of fifty.
const AWAY = `u.status = 'active' AND u.kind = 'person' AND COALESCE`;
const withoutIndex = (where: string): string =>
  where.replace(AWAY, `u.status || '' = 'active' AND u.kind || '' = 'person' AND COALESCE`);

export function matchingUsers({ services, tenant, now }: TenantContext, filters: UserFilters): Matching {
  const { dialect } = services.database;
  const { bind, put } = values(tenant.id);
  const { held: withPasskey, holders } = kindNamed('passkey');
  const words = wordsOf(filters.q).map((word) => holds('u.search_key', word, put));
  const clauses = ['u.tenant_id = $1', ...words];
  if (filters.kind) clauses.push(`u.kind = ${put(filters.kind)}`);
  if (filters.status) clauses.push(`u.status = ${put(filters.status)}`);
  if (filters.twoFactor) clauses.push(`u.two_factor = ${put(filters.twoFactor)}`);
  if (filters.passkey === 'no') clauses.push(`NOT ${withPasskey}`);
  if (filters.secondFactor === 'no') clauses.push(`NOT ${withSecondFactor()}`);
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
  const some = `${where}${passkey ? ` AND u.id IN (${holders ?? ''})` : ''}${factor ? ` AND ${someWithSecondFactor(dialect)}` : ''}`;
  const each = `${where}${passkey ? ` AND ${withPasskey}` : ''}${factor ? ` AND ${withSecondFactor()}` : ''}`;
  // In the order of its index, which PostgreSQL would not take by itself: it cannot tell how few have been away so long.
  const first = filters.stale && words.length === 0 ? ' ORDER BY COALESCE(u.last_signed_in_at, u.created_at)' : '';
  // Whose ids are looked for first: SQLite would rather go through everybody's rows of some index of the tenant.
  const few = dialect === 'sqlite' && (filters.lacksPasskey ?? filters.administrators) !== undefined;
  const gathered = few ? some.replace('u.tenant_id = $1', `u.tenant_id || '' = $1`) : some;
  const byName = dialect === 'sqlite' ? withoutIndex(each) : each;
  if (!filters.roleId)
    return {
      gathered: `FROM users u WHERE ${gathered}${first}`,
      walked: `FROM users u WHERE ${each}`,
      walkedByName: `FROM users u WHERE ${byName}`,
      bind,
    };
  const held = `held.tenant_id = u.tenant_id AND held.user_id = u.id AND held.role_id = ${put(filters.roleId)}`;
  return {
    gathered: `FROM users u JOIN user_roles held ON ${held} WHERE ${gathered}`,
    walked: `FROM users u WHERE ${each} AND EXISTS (SELECT 1 FROM user_roles held WHERE ${held})`,
    walkedByName: `FROM users u WHERE ${byName} AND EXISTS (SELECT 1 FROM user_roles held WHERE ${held})`,
    bind,
  };
}
