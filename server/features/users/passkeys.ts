import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { forgetPasskeys, listPasskeys } from '#server/identity/passkey.js';
import { actOnUser } from '#server/identity/user.js';
import { demandReason, nameOf, openCodeLock } from './code-lock.js';

/** Removes one passkey of somebody else, or with no `passkeyId` all of them; its owner is told why, and by whom. */
export async function removePasskeysOf(
  context: TenantContext,
  userId: string,
  { passkeyId, reason }: { passkeyId?: string; reason: string },
): Promise<void> {
  const why = demandReason(reason);
  await actOnUser(context, userId, { permission: 'users:two-factor', rule: mayActOnAnother }, async (user, acting) => {
    const owned = await listPasskeys(user);
    const going = passkeyId === undefined ? owned : owned.filter(({ id }) => id === passkeyId);
    if (going.length === 0) throw new NotFound();
    await forgetPasskeys(acting, user, going, { by: nameOf(acting), reason: why });
  });
  await openCodeLock(context, userId);
}
