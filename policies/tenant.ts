import type { Actor } from './actor.js';
import { can } from './can.js';

/** Without the platform there would be nobody left who could look after any organisation. */
export function mayRemoveTenant(actor: Actor | null, tenant: { platform: boolean }): boolean {
  return can(actor, 'tenants:write') && !tenant.platform;
}

/** Suspending the platform would lock out the only ones who could undo it. */
export function maySuspend(actor: Actor | null, tenant: { platform: boolean }): boolean {
  return can(actor, 'tenants:write') && !tenant.platform;
}
