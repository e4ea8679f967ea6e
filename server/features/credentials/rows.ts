import { ApiCredential } from '#models/api-credential.js';
import { giveRoles } from '#models/roles-of.js';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { targetOf, type UserWithRoles } from '#server/identity/user.js';

/** What lets programs, and people on servers, in. */
export interface Rows {
  credentials: ApiCredential[];
  keys: SshKey[];
}

/** Those of these ids that the tenant has, whether they work or not. */
export async function rowsOf(tenantId: string, ids: readonly string[]): Promise<Rows> {
  const where = { tenantId, id: [...new Set(ids)] };
  return { credentials: await ApiCredential.findAll({ where }), keys: await SshKey.findAll({ where }) };
}

/** Those of these that nobody has revoked: by their ids, so that of two who end them each waits for the other in the same order. */
export async function liveOf(tenantId: string, ids: readonly string[]): Promise<(ApiCredential | SshKey)[]> {
  const { credentials, keys } = await rowsOf(tenantId, ids);
  const live = [...credentials.filter(({ revokedAt }) => revokedAt === null), ...keys];
  return live.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Whose they are, with their roles. */
export async function ownersOf(
  tenantId: string,
  rows: readonly { userId: string }[],
): Promise<Map<string, UserWithRoles>> {
  const id = [...new Set(rows.map(({ userId }) => userId))];
  const users = await User.findAll({ where: { tenantId, id } });
  await giveRoles(tenantId, users);
  return new Map(users.map((user) => [user.id, user as UserWithRoles]));
}

/** May the caller end, or shorten, what this user has? Not of who may do more. */
export function mayReach({ actor }: TenantContext, owner: UserWithRoles | undefined): boolean {
  return owner !== undefined && mayActOn(actor, 'credentials:revoke', targetOf(owner));
}
