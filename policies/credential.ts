import type { CredentialKind } from './enumerations.js';
import type { Permission } from './permissions.js';
import { isWrite } from './permissions.js';

/** The most live API tokens that one user may have. */
export const MOST_TOKENS = 50;

/** The most characters of a token's name. */
export const TOKEN_NAME_MAX = 60;

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
  return new Set((one.roleGrants ?? []).filter((permission) => refusalOf(one, permission) === null));
}

/** Why a credential has a permission not: its role is lost, grants it not or only reads, its user lacks it, or no scope has it. */
export type RightRefusal = 'role-lost' | 'not-granted' | 'read-only' | 'owner-lacks' | 'no-scope';

/** Why the credential may not do this now; null where it may. */
export function refusalOf(one: CredentialCase, permission: Permission): RightRefusal | null {
  const held = one.userPermissions.has(permission);
  if (one.kind !== 'token') return held ? null : 'owner-lacks';
  if (one.roleGrants === null) return 'role-lost';
  if (!one.roleGrants.includes(permission)) return 'not-granted';
  if (one.roleReadOnly && isWrite(permission)) return 'read-only';
  if (!held) return 'owner-lacks';
  return one.scopes === null || one.scopes.includes(permission) ? null : 'no-scope';
}
