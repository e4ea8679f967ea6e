import { can } from '#policies/can.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { targetOf, type UserWithRoles } from '#server/identity/user.js';

/** May the caller revoke what this account has? */
export function mayRevokeOf({ actor }: TenantContext, user: UserWithRoles): boolean {
  return mayActOn(actor, 'credentials:revoke', targetOf(user));
}

/** May the caller make a token for this account? Only for a service account, and only who may do all that it may. */
export function mayMakeTokenFor({ actor }: TenantContext, user: UserWithRoles): boolean {
  return (
    user.kind === 'service' &&
    user.status === 'active' &&
    can(actor, 'tokens:create') &&
    mayActOn(actor, 'users:write', targetOf(user))
  );
}
