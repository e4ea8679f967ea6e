import { ApiCredential } from '#models/api-credential.js';
import type { SshKey } from '#models/ssh-key.js';
import type { User } from '#models/user.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { revoke, revokeAll } from '#server/identity/credential.js';
import { removeKey } from '#server/identity/ssh-key.js';
import { actingNow } from '#server/identity/acting.js';
import { actOnUser } from '#server/identity/user.js';
import { liveOf, mayReach, ownersOf } from './rows.js';
import { tellOwner } from './tell.js';

/** What revoking all that lets somebody’s programs in demands, and whose may be revoked. */
export const REVOKING = { permission: 'credentials:revoke', rule: mayActOn } as const;
/** Why not. */
export const BEYOND =
  'You cannot revoke this credential, because its owner may do more than you. Ask somebody who may do as much.';

/** Revokes one credential, at once, and mails its owner. `Forbidden` for one of somebody who may do more than the actor. */
export async function revokeCredential(context: TenantContext, id: string): Promise<void> {
  const { revoked, refused } = await revokeCredentials(context, [id]);
  if (refused > 0) throw new Forbidden(BEYOND);
  if (revoked === 0) throw new NotFound();
}

/** Revokes those of these credentials that still work and whose owners are within the actor's reach. Gives how many, and how many were refused. */
async function revokeCredentials(
  context: TenantContext,
  ids: readonly string[],
): Promise<{ revoked: number; refused: number }> {
  return actingNow(context, 'credentials:revoke', async (acting) => {
    const live = await liveOf(acting, ids);
    const owners = await ownersOf(acting, live);
    const within = live.flatMap((row) => {
      const owner = owners.get(row.userId);
      return owner && mayReach(acting, owner) ? [{ row, owner }] : [];
    });
    await endLive(acting, within);
    return { revoked: within.length, refused: live.length - within.length };
  });
}

/** Ends these, which the caller may, and tells each owner once. Inside a write. */
export async function endLive(
  acting: TenantContext,
  within: readonly { row: ApiCredential | SshKey; owner: User }[],
): Promise<void> {
  for (const { row } of within) await (row instanceof ApiCredential ? revoke(acting, row) : removeKey(acting, row));
  for (const owner of new Set(within.map((one) => one.owner)))
    await tellOwner(
      acting,
      owner,
      within.filter((one) => one.owner === owner).map(({ row }) => row),
    );
}

/** How many of a user's credentials revoking all of them would end. */
export async function countCredentialsOf({ id, tenantId }: Pick<User, 'id' | 'tenantId'>): Promise<number> {
  return ApiCredential.count({ where: { tenantId, userId: id, revokedAt: null } });
}

/** Revokes all API credentials of a user, and mails them. Gives how many there were. */
export async function revokeCredentialsOf(context: TenantContext, userId: string): Promise<number> {
  return actOnUser(context, userId, REVOKING, async (user, acting) => {
    const rows = await ApiCredential.findAll({ where: { tenantId: user.tenantId, userId, revokedAt: null } });
    const count = await revokeAll(acting, user);
    await tellOwner(acting, user, rows);
    return count;
  });
}
