import type { Row } from '#models/database.js';
import { breakGlassHolds, enoughPasskeys } from '#models/passkey.js';
import { PLATFORM_SLUG } from '#models/tenant.js';
import type { Actor } from '#policies/actor.js';
import { dutyOf, type Duty, type DutyCase } from '#policies/duty.js';
import { isIpAllowed } from '#policies/ip-range.js';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions, grantsOf, isTopRole, type FactoryRoleKey } from '#policies/roles.js';
import type { RequestPolicy, SecondFactorInContext, TenantInContext, UserInContext } from '#server/context.js';
import { dueOf, secondFactorOf, truth } from './demanded-factor.js';
import { lastingKinds, madeOfKinds } from './factor-kind.js';

/** The columns that say which kinds of factor the user has. */
const heldColumns = madeOfKinds(() =>
  lastingKinds().map(({ name, held }, at) => ({ name, held, column: `holds_${at}` })),
);

/** The columns that `standingOf` reads: of u(sers), t(enants), p(olicies), r(oles). */
export const principalColumns = madeOfKinds(
  () => `
  u.id AS user_id, u.tenant_id, u.kind AS user_kind, u.username, u.name, u.email, u.locale, u.time_zone, u.theme, u.epoch, u.two_factor, u.break_glass, ${breakGlassHolds('u', 'p')} AS exempt,
  ${heldColumns()
    .map(({ held, column }) => `${held} AS ${column}`)
    .join(', ')},
  u.must_change_password, u.removal_at, u.password_changed_at, u.must_set_up_two_factor, COALESCE(u.joined_at, u.created_at) AS joined_at, u.two_factor_since,
  t.slug, t.name AS tenant_name, t.colour, t.logo,
  p.session_idle_minutes, p.session_max_hours, p.step_up_minutes, p.max_age_days, p.two_factor AS policy_two_factor, p.passkeys AS policy_passkeys, p.grace_days,
  p.password_sign_in, p.password_forbidden_since, CASE WHEN p.password_sign_in = 'forbidden' THEN ${enoughPasskeys('u')} ELSE FALSE END AS has_enough,
  p.two_factor_since AS policy_two_factor_since, p.allowed_ips AS policy_allowed_ips,
  r.id AS role_id, r.name AS role_name, r.key AS role_key, r.permissions, r.read_only, r.requires_two_factor, r.two_factor_since AS role_two_factor_since,
  r.requires_phishing_resistant, r.phishing_resistant_since`,
);

/** The roles of u(sers), a row each. */
export const PRINCIPAL_ROLES = `
LEFT JOIN user_roles ur ON ur.tenant_id = u.tenant_id AND ur.user_id = u.id
LEFT JOIN roles r ON r.tenant_id = ur.tenant_id AND r.id = ur.role_id`;

/** What is true of a user by every way in, as the rows of one read say it: a row for each role. */
export interface Standing {
  user: UserInContext;
  tenant: TenantInContext;
  policy: RequestPolicy;
  actor: Actor;
  secondFactor: SecondFactorInContext;
  duty: Duty | null;
  roleNames: readonly string[];
  /** Kept for the day on which nothing else opens the organisation. */
  breakGlass: boolean;
  /** And the mark holds: pages know no address rule of theirs. */
  exempt: boolean;
  /** The request comes from an address that the organisation lets nobody in from: every door must look at it. */
  outside: boolean;
}

/** The standing of the user of these rows, for a request from this address. */
export function standingOf(rows: readonly Row[], row: Row, now: number, ip: string | null): Standing {
  const tenant = tenantOf(row);
  const policy = policyOf(row);
  const user = userOf(row);
  const secondFactor = secondFactorOf(rows, row, { user, policy, now });
  const roles = rolesOf(rows);
  const { password } = secondFactor;
  const { removalAt, mustChangePassword, passwordChangedAt } = user;
  const { passkeyDueAt, secondFactorDueAt } = dueOf(secondFactor);
  const asked: DutyCase = {
    kind: row['user_kind'] === 'service' ? 'service' : 'person',
    removalAt,
    mustChangePassword,
    passwordChangedAt,
    policy,
    password,
    secondFactorDueAt,
    passkeyDueAt,
  };
  return {
    user,
    tenant,
    policy,
    actor: actorOf(user, roles, tenant),
    secondFactor,
    duty: dutyOf(asked, now),
    roleNames: roles.map(({ name }) => name),
    breakGlass: truth(row['break_glass']),
    exempt: truth(row['exempt']),
    outside: !isIpAllowed(policy.allowedIps, ip),
  };
}

/** Who asks, with what these roles grant together. */
function actorOf({ id }: UserInContext, roles: readonly HeldRole[], tenant: TenantInContext): Actor {
  return {
    kind: 'user',
    id,
    tenantId: tenant.id,
    platform: tenant.platform,
    permissions: effectivePermissions(roles),
    top: roles.some((role) => isTopRole(role.key)),
  };
}

/** What each request must know of the security policy. */
function policyOf(row: Row): RequestPolicy {
  return {
    sessionIdleMinutes: Number(row['session_idle_minutes']),
    sessionMaxHours: Number(row['session_max_hours']),
    stepUpMinutes: Number(row['step_up_minutes']),
    maxAgeDays: Number(row['max_age_days']),
    twoFactor: row['policy_two_factor'] as RequestPolicy['twoFactor'],
    passkeys: row['policy_passkeys'] as RequestPolicy['passkeys'],
    passwordSignIn: row['password_sign_in'] as RequestPolicy['passwordSignIn'],
    graceDays: Number(row['grace_days']),
    allowedIps: text(row['policy_allowed_ips']),
  };
}

/** The user of the row. */
function userOf(row: Row): UserInContext {
  return {
    id: text(row['user_id']),
    tenantId: text(row['tenant_id']),
    username: text(row['username']),
    name: text(row['name']),
    email: text(row['email']),
    locale: text(row['locale']),
    timeZone: text(row['time_zone']),
    theme: row['theme'] as UserInContext['theme'],
    epoch: Number(row['epoch']),
    twoFactor: row['two_factor'] as UserInContext['twoFactor'],
    factors: heldColumns()
      .filter(({ column }) => truth(row[column]))
      .map(({ name }) => name),
    mustChangePassword: truth(row['must_change_password']),
    removalAt: row['removal_at'] === null ? null : Number(row['removal_at']),
    passwordChangedAt: row['password_changed_at'] === null ? null : Number(row['password_changed_at']),
  };
}

/** The tenant of the row. */
function tenantOf(row: Row): TenantInContext {
  const slug = text(row['slug']);
  return {
    id: text(row['tenant_id']),
    slug,
    name: text(row['tenant_name']),
    colour: text(row['colour']),
    logo: text(row['logo']) || null,
    platform: slug === PLATFORM_SLUG,
  };
}

/** A text column; '' when it is empty. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A role that the user holds now. */
export interface HeldRole {
  id: string;
  name: string;
  key: FactoryRoleKey | null;
  grants: readonly Permission[];
  readOnly: boolean;
}

/** The roles of these rows: a row for each, or one row without any. */
export function rolesOf(rows: readonly Row[]): HeldRole[] {
  return rows
    .filter((row) => row['permissions'] !== null)
    .map((row) => {
      const key = row['role_key'] as FactoryRoleKey | null;
      return {
        id: text(row['role_id']),
        name: text(row['role_name']),
        key,
        grants: grantsOf({ key, permissions: String(row['permissions']) }),
        readOnly: truth(row['read_only']),
      };
    });
}
