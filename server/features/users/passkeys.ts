import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { forgetPasskeys, listPasskeys } from '#server/identity/passkey.js';
import { actOnUser } from '#server/identity/user.js';
import { readmit } from '#server/identity/readmission.js';
import { demandReason, nameOf, openCodeLock } from './code-lock.js';
import type { Taking } from './two-factor.js';

/** Removes one passkey of somebody else, or with no `passkeyId` all of them; its owner is told why, and by whom. Gives the pass that was made. */
export async function removePasskeysOf(
  context: TenantContext,
  userId: string,
  { passkeyId, reason, minutes }: Taking & { passkeyId?: string },
): Promise<string | null> {
  const why = demandReason(reason);
  const pass = await actOnUser(
    context,
    userId,
    { permission: 'users:two-factor', rule: mayActOnAnother },
    async (user, acting) => {
      const owned = await listPasskeys(user);
      const going = passkeyId === undefined ? owned : owned.filter(({ id }) => id === passkeyId);
      if (going.length === 0) throw new NotFound();
      await forgetPasskeys(acting, user, going, { by: nameOf(acting), reason: why });
      return readmit(acting, user, { reason: why, minutes, by: nameOf(acting) });
    },
  );
  await openCodeLock(context, userId);
  return pass;
}
