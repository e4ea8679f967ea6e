import type { Actor } from './actor.js';
import { can } from './can.js';
import type { Permission } from './permissions.js';
import { effectivePermissions, isTopRole, type FactoryRoleKey } from './roles.js';
import { exceeds } from './user.js';

/** What a rule needs to know of a role that a user holds, or is to hold. */
export interface HeldRole {
  id: string;
  key: FactoryRoleKey | null;
  grants: readonly Permission[];
  readOnly: boolean;
}

/** A grant never exceeds the granter: each permission of the role must be the actor's, and only a top makes a top. */
export function mayGrant(actor: Actor, role: { key: FactoryRoleKey | null; grants: readonly Permission[] }): boolean {
  return can(actor, 'users:write') && !exceeds(actor, { permissions: role.grants, top: isTopRole(role.key) });
}

/**
 * May the actor make these the roles of a user who held those? What is new must be the actor's to grant, and what comes
 * out must not exceed the actor: to take a read-only role away gives every write that it stripped.
 */
export function mayAssign(actor: Actor, before: readonly HeldRole[], after: readonly HeldRole[]): boolean {
  const held = new Set(before.map((role) => role.id));
  if (!can(actor, 'users:write')) return false;
  if (!after.every((role) => held.has(role.id) || mayGrant(actor, role))) return false;
  return !exceeds(actor, standingOf(after));
}

/** What the holder of these roles amounts to, for the rules that compare two people. */
export function standingOf(roles: readonly HeldRole[]): { permissions: ReadonlySet<Permission>; top: boolean } {
  return { permissions: effectivePermissions(roles), top: roles.some((role) => isTopRole(role.key)) };
}

/** May the actor change or remove this role? Factory roles are what they are; nobody edits what exceeds them. */
export function mayEditRole(
  actor: Actor,
  role: { key: FactoryRoleKey | null; grants: readonly Permission[] },
): boolean {
  return role.key === null && can(actor, 'roles:write') && !exceeds(actor, { permissions: role.grants, top: false });
}

/** May the actor say whether this role, a factory role too, demands two-factor authentication of its holders? */
export function mayDemandTwoFactorOf(
  actor: Actor,
  role: { key: FactoryRoleKey | null; grants: readonly Permission[] },
): boolean {
  return can(actor, 'roles:write') && !exceeds(actor, { permissions: role.grants, top: isTopRole(role.key) });
}

/**
 * May the actor turn the role from `before` into `after`? What it grants afterwards must be the actor's too. To lift
 * "read-only" gives the holders back every write that it stripped, whatever their other roles: only a top may.
 */
export function mayChangeRole(
  actor: Actor,
  before: { readOnly: boolean },
  after: { grants: readonly Permission[]; readOnly: boolean },
): boolean {
  if (exceeds(actor, { permissions: after.grants, top: false })) return false;
  return after.readOnly || !before.readOnly || actor.top;
}
