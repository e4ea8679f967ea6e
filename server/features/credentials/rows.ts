import { ApiCredential } from '#models/api-credential.js';
import { rowsWith } from '#models/by-hand.js';
import { readUsers } from '#models/roles-of.js';
import { SshKey } from '#models/ssh-key.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { targetOf, type UserWithRoles } from '#server/identity/user.js';

/** What lets programs, and people on servers, in. */
export interface Rows {
  credentials: ApiCredential[];
  keys: SshKey[];
}

type Within = Pick<TenantContext, 'tenant' | 'services'>;

/** Those of these ids that the tenant has, whether they work or not. */
export async function rowsOf({ tenant, services: { database } }: Within, ids: readonly string[]): Promise<Rows> {
  const each = [...new Set(ids)];
  return {
    credentials: await rowsWith(database, ApiCredential, tenant.id, 'id', each),
    keys: await rowsWith(database, SshKey, tenant.id, 'id', each),
  };
}

/** Those of these that nobody has revoked: by their ids, so that of two who end them each waits for the other in the same order. */
export async function liveOf(context: Within, ids: readonly string[]): Promise<(ApiCredential | SshKey)[]> {
  const { credentials, keys } = await rowsOf(context, ids);
  const live = [...credentials.filter(({ revokedAt }) => revokedAt === null), ...keys];
  return live.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Whose they are, with their roles. */
export async function ownersOf(
  { tenant, services: { database } }: Within,
  rows: readonly { userId: string }[],
): Promise<Map<string, UserWithRoles>> {
  const ids = [...new Set(rows.map(({ userId }) => userId))];
  return new Map((await readUsers(database, tenant.id, ids)).map((user) => [user.id, user]));
}

/** May the caller end, or shorten, what this user has? Not of who may do more. */
export function mayReach({ actor }: TenantContext, owner: UserWithRoles | undefined): boolean {
  return owner !== undefined && mayActOn(actor, 'credentials:revoke', targetOf(owner));
}
