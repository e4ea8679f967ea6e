import type { User } from '#models/user.js';
import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { moveState, putNewSecret, removeFactor } from '#server/identity/factor.js';
import { demandReason, nameOf, openCodeLock } from './code-lock.js';
import { applyChanges, CHANGING, type Changed, type UserChanges } from './edit.js';
import { actOnUser, findUser, targetOf, type Deed } from '#server/identity/user.js';

export interface TwoFactorChange extends UserChanges {
  /** False only when the box was shown, and cleared. */
  twoFactorActive: boolean;
  reason: string;
}

/** Saves the form of an account, in which "2FA active" may have been cleared: both happen, or neither. */
export async function changeUserAndFactor(
  context: TenantContext,
  userId: string,
  given: TwoFactorChange,
): Promise<Changed> {
  const { twoFactorActive, reason, ...changes } = given;
  let disabled = false;
  const outcome = await actOnUser(context, userId, CHANGING, async (user, acting) => {
    disabled =
      user.twoFactor === 'active' &&
      !twoFactorActive &&
      mayActOnAnother(acting.actor, 'users:two-factor', targetOf(user));
    const changed = await applyChanges(acting, user, changes);
    if (!disabled) return changed;
    await disableFactor(acting, await findUser(acting, userId), demandReason(reason));
    return { ...changed, sessionsEnded: true };
  });
  if (disabled) await openCodeLock(context, userId);
  return outcome;
}

const RESETTING: Deed = { permission: 'users:two-factor', rule: mayActOnAnother };

/** Takes the second factor of somebody else away. The password alone then opens the account; its owner is told why, and by whom. */
export async function disableTwoFactorOf(context: TenantContext, userId: string, reason: string): Promise<void> {
  const why = demandReason(reason);
  await actOnUser(context, userId, RESETTING, (user, acting) => disableFactor(acting, user, why));
  await openCodeLock(context, userId);
}

async function disableFactor(acting: TenantContext, user: User, reason: string): Promise<void> {
  if (user.twoFactor === 'disabled') throw new Conflict('Two-factor authentication is not set up for this account.');
  await moveState(user, 'disabled');
  await removeFactor(acting, user);
  await record(acting, { event: 'two-factor.disabled', target: { type: 'user', id: user.id }, details: { reason } });
  const variables = { ...(await issueDisavowal(acting, user, 'two-factor.disabled')), by: nameOf(acting) };
  await queueMail(acting, { event: 'two-factor-disabled', to: user, tenant: acting.tenant, variables });
  await endAccess(acting, ownerOf(user), 'factor change');
}

/** Resets the secret of somebody else, who has lost their app: the old one is dead at once, and the next sign-in shows the new one. */
export async function resetTwoFactorOf(context: TenantContext, userId: string, reason: string): Promise<void> {
  const why = demandReason(reason);
  await actOnUser(context, userId, RESETTING, async (user, acting) => {
    if (user.twoFactor === 'disabled')
      throw new Conflict('Two-factor authentication is not set up for this account. Mark it “must set up” instead.');
    await moveState(user, 'pending');
    await putNewSecret(acting, user);
    await record(acting, {
      event: 'two-factor.reset',
      target: { type: 'user', id: user.id },
      details: { reason: why },
    });
    const variables = { ...(await issueDisavowal(acting, user, 'two-factor.reset')), by: nameOf(acting) };
    await queueMail(acting, { event: 'two-factor-reset', to: user, tenant: acting.tenant, variables });
    await endAccess(acting, ownerOf(user), 'factor change');
  });
  await openCodeLock(context, userId);
}
