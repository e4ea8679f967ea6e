import type { Actor } from './actor.js';
import { can } from './can.js';
import type { Permission } from './permissions.js';

/** Without a sign-in for so many days, an account of a person that could sign in is stale. */
export const STALE_AFTER_DAYS = 90;

/** What a rule needs to know of the user it is about. */
export interface TargetUser {
  id: string;
  tenantId: string;
  permissions: ReadonlySet<Permission>;
  /** Holds the role at the top of the tenant. */
  top: boolean;
}

/** Nobody acts on someone who may do more than they: every permission of the target must be the actor's too, and only a top acts on a top. */
export function mayActOn(actor: Actor, permission: Permission, target: TargetUser): boolean {
  if (!can(actor, permission)) return false;
  if (actor.kind !== 'user') return true;
  if (actor.tenantId !== target.tenantId) return false;
  return actor.id === target.id || !exceeds(actor, target);
}

/** The same, for what one must not do to oneself here: disable, delete, change one's own roles. */
export function mayActOnAnother(actor: Actor, permission: Permission, target: TargetUser): boolean {
  return actor.id !== target.id && mayActOn(actor, permission, target);
}

/** True when the target may do something that the actor may not. */
export function exceeds(actor: Actor, target: { permissions: Iterable<Permission>; top: boolean }): boolean {
  if (actor.kind !== 'user') return false;
  if (target.top && !actor.top) return true;
  for (const permission of target.permissions) if (!actor.permissions.has(permission)) return true;
  return false;
}
