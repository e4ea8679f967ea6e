import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { can } from '#policies/can.js';
import { mayGrant } from '#policies/role.js';
import { mayActOn } from '#policies/user.js';
import type { SignedInContext, TenantContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { actOnUser, findUser, type UserWithRoles } from '#server/identity/user.js';
import { renewSecret, type Overlap } from '../api-credentials/rotation.js';
import { issueToken, type NewToken, type Shown } from '../api-credentials/tokens.js';
import { mayMakeTokenFor } from './rule.js';

/** The service account that a token is to be made for, with its roles. */
export async function findServiceAccount(context: TenantContext, userId: string): Promise<UserWithRoles> {
  const user = await findUser(context, userId);
  if (!mayMakeTokenFor(context, user)) throw refusal();
  return user;
}

/** A service account whose tokens are looked at. Throws `NotFound` for a person: what they have is theirs to look at. */
export async function lookAtServiceAccount(context: TenantContext, userId: string): Promise<UserWithRoles> {
  if (!can(context.actor, 'credentials:read')) throw new Forbidden();
  const user = await findUser(context, userId);
  if (user.kind !== 'service') throw new NotFound();
  return user;
}

/** Makes a token for a service account, which nobody signs in to: by an admin who could grant its role. */
export async function createServiceToken(context: SignedInContext, userId: string, given: NewToken): Promise<Shown> {
  return actOnUser(context, userId, { permission: 'users:write', rule: mayActOn }, async (user, acting) => {
    const role = await Role.findOne({ where: { tenantId: user.tenantId, id: given.roleId } });
    if (!mayMakeTokenFor(acting, user) || (role && !mayGrant(acting.actor, role))) throw refusal();
    return issueToken(acting, user.id, given);
  });
}

/**
 * Gives a token of a service account a new secret: by an admin who could make it. Throws `Conflict` where its role asks for
 * an approval of each token: what was approved for one admin would open for another.
 */
export async function rotateServiceToken(
  context: SignedInContext,
  userId: string,
  tokenId: string,
  overlapHours: Overlap,
  replaces?: string,
): Promise<Shown> {
  return actOnUser(context, userId, { permission: 'users:write', rule: mayActOn }, async (user, acting) => {
    const no = whyNotRotated(acting, user, await roleOf(user, tokenId));
    if (no) throw no;
    return renewSecret(acting, user, tokenId, overlapHours, replaces);
  });
}

/** Whether the page of a token offers to rotate it: as `rotateServiceToken` decides. */
export async function mayRotate(context: TenantContext, user: UserWithRoles, tokenId: string): Promise<boolean> {
  const role = await roleOf(user, tokenId);
  return role !== null && whyNotRotated(context, user, role) === null;
}

function whyNotRotated(context: TenantContext, user: UserWithRoles, role: Role | null): Forbidden | Conflict | null {
  if (!mayMakeTokenFor(context, user) || (role && !mayGrant(context.actor, role))) return refusal();
  return role?.tokensNeedApproval ? new Conflict(APPROVED_ANEW) : null;
}

async function roleOf({ tenantId, id: userId }: UserWithRoles, tokenId: string): Promise<Role | null> {
  const token = await ApiCredential.findOne({ where: { tenantId, userId, id: tokenId, kind: 'token' } });
  return token && Role.findOne({ where: { tenantId, id: token.roleId ?? '' } });
}

const APPROVED_ANEW = 'Its role asks for an approval of every API token. Make a new one, and have that approved.';

function refusal(): Forbidden {
  return new Forbidden(
    'A token is made or rotated here only for an active service account, and by who may grant its role.',
  );
}
