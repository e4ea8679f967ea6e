import { mayMarkBreakGlass } from '#policies/break-glass.js';
import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { hasCodes } from '#server/identity/factors.js';
import { takeOrAsk, type Taken } from '#server/identity/two-person.js';
import { actOnUser, findUser, targetOf } from '#server/identity/user.js';
import { demandReason, openCodeLock } from './code-lock.js';
import { applyChanges, CHANGING, type Changed, type UserChanges } from './edit.js';

export interface TwoFactorChange extends UserChanges {
  /** False only when the box was shown, and cleared. */
  twoFactorActive?: boolean;
  reason?: string;
}

/** Saves the form of an account, in which "2FA active" may have been cleared: both happen, or neither. */
export async function changeUserAndFactor(
  context: TenantContext,
  userId: string,
  given: TwoFactorChange,
): Promise<Changed & { taken: Taken | null }> {
  const { twoFactorActive, reason = '', breakGlass, ...changes } = given;
  let taken: Taken | null = null;
  const outcome = await actOnUser(context, userId, CHANGING, async (user, acting) => {
    const standing = targetOf(user);
    const disabled =
      twoFactorActive === false &&
      (await hasCodes(user)) &&
      mayActOnAnother(acting.actor, 'users:two-factor', standing);
    // Cleared it counts only for who was shown the box.
    const marked = breakGlass === true || mayMarkBreakGlass(acting.actor, standing) ? { breakGlass } : {};
    const changed = await applyChanges(acting, user, { ...changes, ...marked });
    if (!disabled) return changed;
    const taking = { kind: 'two-factor-removal', reason: demandReason(reason), minutes: null } as const;
    taken = await takeOrAsk(acting, await findUser(acting, userId), taking, standing);
    return taken.approval ? changed : { ...changed, sessionsEnded: true };
  });
  const done = taken as Taken | null;
  if (done && !done.approval) await openCodeLock(context, userId);
  return { ...outcome, taken: done };
}
