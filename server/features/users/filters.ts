import type { TwoFactorState, UserState } from '#policies/enumerations.js';
import { soughtName } from '#policies/names.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';

export interface UserFilters {
  q: string;
  status?: UserState | undefined;
  roleId?: string | undefined;
  twoFactor?: TwoFactorState | undefined;
  locked?: 'yes' | undefined;
  stale?: 'yes' | undefined;
}

/** The users `u` that match, always of one tenant, as the rest of a SELECT from FROM on. Nothing that was typed stands in it. */
export interface Matching {
  /** To find them all: the engine may begin with whatever is rarest. */
  gathered: string;
  /** To meet them one by one in the order of an index, and stop early. */
  walked: string;
  bind: readonly (string | number)[];
}

/** Without a sign-in for this long, an account that could sign in is stale. */
const STALE_AFTER = 90 * DAY;
const MOST_WORDS = 5;

export function matchingUsers({ tenant, now }: TenantContext, filters: UserFilters): Matching {
  const bind: (string | number)[] = [tenant.id];
  const place = (value: string | number): string => `$${bind.push(value)}`;
  const clauses = ['u.tenant_id = $1'];
  for (const word of wordsOf(filters.q)) clauses.push(`u.search_key LIKE ${place(`%${escapeLike(word)}%`)} ESCAPE '!'`);
  if (filters.status) clauses.push(`u.status = ${place(filters.status)}`);
  if (filters.twoFactor) clauses.push(`u.two_factor = ${place(filters.twoFactor)}`);
  if (filters.locked) clauses.push(`u.locked_until > ${place(now)}`);
  if (filters.stale) {
    clauses.push(
      `u.status = 'active' AND u.kind = 'person' AND COALESCE(u.last_signed_in_at, u.created_at) <= ${place(now - STALE_AFTER)}`,
    );
  }
  const where = clauses.join(' AND ');
  if (!filters.roleId) return { gathered: `FROM users u WHERE ${where}`, walked: `FROM users u WHERE ${where}`, bind };
  const held = `held.tenant_id = u.tenant_id AND held.user_id = u.id AND held.role_id = ${place(filters.roleId)}`;
  return {
    gathered: `FROM users u JOIN user_roles held ON ${held} WHERE ${where}`,
    walked: `FROM users u WHERE ${where} AND EXISTS (SELECT 1 FROM user_roles held WHERE ${held})`,
    bind,
  };
}

/** Each word must be found, in whatever order: "okafor olivia" finds Olivia Okafor. */
function wordsOf(typed: string): string[] {
  return soughtName(typed).split(' ').filter(Boolean).slice(0, MOST_WORDS);
}

function escapeLike(word: string): string {
  return word.replace(/[!%_]/g, (character) => `!${character}`);
}
