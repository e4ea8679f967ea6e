import { concernsOthers, PERMISSIONS } from '#policies/permissions.js';
import { FACTORY_ROLE_KEYS, grantsOf, isTopRole } from '#policies/roles.js';
import type { Database } from './database.js';
import { breakGlassKeyed, enoughPasskeys } from './passkey.js';

/** What lists, the check-up and the overview say of users `u` of the tenant $1 in the same words: each a condition. */

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ');
const factory = (of: (key: (typeof FACTORY_ROLE_KEYS)[number]) => boolean): string =>
  quoted(FACTORY_ROLE_KEYS.filter(of));

const LOOKS_AFTER = factory((key) => grantsOf({ key, permissions: '[]' }).some(concernsOthers));
const GRANTS_MORE = PERMISSIONS.filter(({ name }) => concernsOthers(name))
  .map(({ name }) => `r.permissions LIKE '%"${name}"%'`)
  .join(' OR ');
/**
 * Who of the tenant $1 holds a role `r`: more conditions may follow. PostgreSQL knows how many hold a role on average, and would go
 * through everybody's for one that three hold, by whatever index. It is asked role by role, each between two bounds, which are the
 * same: only the index of roles is of use then.
 */
export function held(dialect: Database['dialect']): string {
  return dialect === 'sqlite'
    ? 'SELECT ur.user_id FROM roles r CROSS JOIN user_roles ur WHERE r.tenant_id = $1 AND ur.tenant_id = r.tenant_id AND ur.role_id = r.id'
    : `SELECT ur.user_id FROM roles r CROSS JOIN LATERAL (SELECT h.tenant_id, h.user_id FROM user_roles h WHERE h.tenant_id = r.tenant_id
  AND h.role_id BETWEEN r.id AND r.id OFFSET 0) ur WHERE r.tenant_id = $1`;
}

const PASSKEYS_COUNT = `EXISTS (SELECT 1 FROM security_policies p WHERE p.tenant_id = $1 AND p.passkeys <> 'off')`;

/** The keys of the roles at the top, as a list of SQL. */
export const TOP_KEYS = factory(isTopRole);

/** A user `u` is one of few, whose ids are looked for first. PostgreSQL cannot tell that they are few, and would go through everybody. */
export function amongFew(dialect: Database['dialect'], ids: string): string {
  return dialect === 'sqlite' ? `u.id IN (${ids})` : `u.id = ANY (ARRAY(${ids}))`;
}

/**
 * A passkey is demanded of this person, who has none, or not enough: by a role of theirs, or because passwords open nothing.
 * Who they are is looked for first, from the roles and the policy: of many people it may be few, or nobody.
 */
export function lacksPasskey(dialect: Database['dialect']): string {
  // No index of kinds: who they are is known better.
  return `(u.kind || '' = 'person' AND ${PASSKEYS_COUNT} AND ${amongFew(dialect, lackingPasskey(dialect))})`;
}

// PostgreSQL would bring everybody's passkeys together for the few who hold such a role, but for the OFFSET.
const lackingPasskey = (
  dialect: Database['dialect'],
): string => `${held(dialect)} AND r.requires_phishing_resistant AND ${PASSKEYS_COUNT}
      AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.tenant_id = ur.tenant_id AND k.user_id = ur.user_id${dialect === 'postgres' ? ' OFFSET 0' : ''})
    UNION ALL
    SELECT w.id FROM security_policies p CROSS JOIN users w WHERE p.tenant_id = $1 AND p.password_sign_in = 'forbidden'
      AND p.passkeys <> 'off' AND w.tenant_id = p.tenant_id AND NOT ${breakGlassKeyed('w')} AND NOT ${enoughPasskeys('w')}`;

/**
 * The same, and administrators, as where to look for the first of them: whoever only asks whether there is anybody need not
 * have all of them brought together before. A FROM of users `u` with its WHERE, to which more conditions may follow.
 */
export const oneByOne = {
  lackingPasskey: (dialect: Database['dialect']): string => eachOf(dialect, lackingPasskey(dialect)),
  administrators: (dialect: Database['dialect']): string =>
    `${eachOf(dialect, looksAfterOthers(dialect))} AND ${notReadOnly(dialect)}`,
};

function eachOf(dialect: Database['dialect'], ids: string): string {
  return dialect === 'sqlite'
    ? `(${ids}) AS few CROSS JOIN users u WHERE u.id = few.user_id`
    : `(${ids}) AS few CROSS JOIN LATERAL (SELECT * FROM users x WHERE x.tenant_id = $1 AND x.id = few.user_id OFFSET 0) u WHERE TRUE`;
}

/** May do something to others. A role that is read-only takes the rights of all others away. */
export function administrator(dialect: Database['dialect']): string {
  return `${amongFew(dialect, looksAfterOthers(dialect))} AND ${notReadOnly(dialect)}`;
}

const looksAfterOthers = (dialect: Database['dialect']): string =>
  `${held(dialect)} AND (r.key IN (${LOOKS_AFTER}) OR (r.key IS NULL AND (${GRANTS_MORE})))`;
const notReadOnly = (dialect: Database['dialect']): string => `u.id NOT IN (${held(dialect)} AND r.read_only)`;

/** Holds a role at the top. */
export function atTop(dialect: Database['dialect']): string {
  return amongFew(dialect, `${held(dialect)} AND r.key IN (${TOP_KEYS})`);
}

/** Was invited, and can no longer accept; `now` is the place of a value. */
export function invitationLapsed(now: string): string {
  return `u.status = 'invited' AND NOT EXISTS (
    SELECT 1 FROM links l WHERE l.tenant_id = u.tenant_id AND l.user_id = u.id AND l.kind = 'invitation'
    AND l.used_at IS NULL AND l.expires_at > ${now})`;
}
