import type { Actor } from './actor.js';
import type { Permission } from './permissions.js';

/** May the actor do this at all? To whom is asked in `user.ts`, `role.ts` and `tenant.ts`. Unknown is false. */
export function can(actor: Actor | null, permission: Permission): boolean {
  if (!actor) return false;
  if (actor.kind !== 'user') return true;
  if (permission.startsWith('tenants:') && !actor.platform) return false;
  return actor.permissions.has(permission);
}
