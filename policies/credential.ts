import type { CredentialKind } from './enumerations.js';
import type { Permission } from './permissions.js';
import { isPermission, isWrite } from './permissions.js';

/** The most live API tokens that one user may have. */
export const MOST_TOKENS = 50;

/** What a credential's rights are worked out from, as things are now. */
export interface CredentialCase {
  kind: CredentialKind;
  /** The permissions of its user now, read-only roles applied. */
  userPermissions: ReadonlySet<Permission>;
  /** The grants of the token's role, while its user still holds it; null when the role is gone or lost. */
  roleGrants: readonly Permission[] | null;
  /** True when the token's role is marked read-only. */
  roleReadOnly: boolean;
  /** The token's own narrower choice; null is all of the role. */
  scopes: readonly string[] | null;
}

/** What a credential may do now: role ∩ user ∩ scopes for a token, all that the user may for a key or an API password. */
export function credentialPermissions(one: CredentialCase): ReadonlySet<Permission> {
  if (one.kind !== 'token') return one.userPermissions;
  if (one.roleGrants === null) return new Set();
  const scopes = one.scopes === null ? null : new Set(one.scopes.filter(isPermission));
  return new Set(
    one.roleGrants.filter(
      (permission) =>
        one.userPermissions.has(permission) &&
        (scopes === null || scopes.has(permission)) &&
        !(one.roleReadOnly && isWrite(permission)),
    ),
  );
}
