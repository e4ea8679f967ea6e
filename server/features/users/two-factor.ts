import type { User } from '#models/user.js';
import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { moveState, putNewSecret, removeFactor } from '#server/identity/factor.js';
import { readmit } from '#server/identity/readmission.js';
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
    await disableFactor(acting, await findUser(acting, userId), { reason: demandReason(reason), minutes: null });
    return { ...changed, sessionsEnded: true };
  });
  if (disabled) await openCodeLock(context, userId);
  return outcome;
}

const NEXT =
  'You set up a new one with the link in another mail, or with an access pass that an administrator gives you. Your password alone does not lead to it.';

const RESETTING: Deed = { permission: 'users:two-factor', rule: mayActOnAnother };

/** Why a factor is taken away, and for how many minutes a pass goes with it; null where a link is mailed instead. */
export interface Taking {
  reason: string;
  minutes: number | null;
}

/**
 * Takes the second factor of somebody else away. The password alone then opens the account, and does not set up the next; its
 * owner is told why, and by whom. Gives the pass that was made.
 */
export async function disableTwoFactorOf(
  context: TenantContext,
  userId: string,
  given: Taking,
): Promise<string | null> {
  const taking = { ...given, reason: demandReason(given.reason) };
  const pass = await actOnUser(context, userId, RESETTING, (user, acting) => disableFactor(acting, user, taking));
  await openCodeLock(context, userId);
  return pass;
}

async function disableFactor(acting: TenantContext, user: User, { reason, minutes }: Taking): Promise<string | null> {
  if (user.twoFactor === 'disabled') throw new Conflict('Two-factor authentication is not set up for this account.');
  await moveState(user, 'disabled');
  await removeFactor(acting, user);
  await record(acting, {
    event: 'two-factor.disabled',
    target: { type: 'user', id: user.id },
    details: { reason },
    personal: ['reason'],
  });
  const variables = { ...(await issueDisavowal(acting, user, 'two-factor.disabled')), by: nameOf(acting) };
  await queueMail(acting, { event: 'two-factor-disabled', to: user, tenant: acting.tenant, variables });
  await endAccess(acting, ownerOf(user), 'factor change');
  return readmit(acting, user, { reason, minutes, by: nameOf(acting) });
}

/**
 * Resets the secret of somebody else, who has lost their app: the old one is dead at once. A new one is set up by the pass, which
 * it gives where one was made, or by the mailed link.
 */
export async function resetTwoFactorOf(
  context: TenantContext,
  userId: string,
  { reason, minutes }: Taking,
): Promise<string | null> {
  const why = demandReason(reason);
  const pass = await actOnUser(context, userId, RESETTING, async (user, acting) => {
    if (user.twoFactor === 'disabled')
      throw new Conflict('Two-factor authentication is not set up for this account. Mark it “must set up” instead.');
    await moveState(user, 'pending');
    await putNewSecret(acting, user);
    await record(acting, {
      event: 'two-factor.reset',
      target: { type: 'user', id: user.id },
      details: { reason: why },
      personal: ['reason'],
    });
    const variables = { ...(await issueDisavowal(acting, user, 'two-factor.reset')), by: nameOf(acting), next: NEXT };
    await queueMail(acting, { event: 'two-factor-reset', to: user, tenant: acting.tenant, variables });
    await endAccess(acting, ownerOf(user), 'factor change');
    return readmit(acting, user, { reason: why, minutes, by: nameOf(acting) });
  });
  await openCodeLock(context, userId);
  return pass;
}
