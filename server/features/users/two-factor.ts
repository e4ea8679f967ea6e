import { inTransaction } from '#models/transaction.js';
import { Session } from '#models/session.js';
import { clearThrottles, lookAtThrottle } from '#models/throttle.js';
import type { User } from '#models/user.js';
import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { moveState, putNewSecret, removeFactor } from '#server/identity/factor.js';
import { codeKey } from '#server/identity/code.js';
import { changeUser, type Changed, type UserChanges } from './edit.js';
import { actOnUser, findUser, targetOf } from '#server/identity/user.js';

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
  const outcome = await inTransaction(async () => {
    const user = await findUser(context, userId);
    const cleared =
      user.twoFactor === 'active' &&
      !twoFactorActive &&
      mayActOnAnother(context.actor, 'users:two-factor', targetOf(user));
    const changed = await changeUser(context, userId, changes);
    if (!cleared) return changed;
    await disableTwoFactorOf(context, userId, reason);
    disabled = true;
    return { ...changed, sessionsEnded: true };
  });
  if (disabled) await openCodeLock(context, userId);
  return outcome;
}

/** Takes the second factor of somebody else away. The password alone then opens the account; its owner is told why, and by whom. */
export async function disableTwoFactorOf(context: TenantContext, userId: string, reason: string): Promise<void> {
  const why = demandReason(reason);
  await onFactor(context, userId, async (user) => {
    if (user.twoFactor === 'disabled') throw new Conflict('Two-factor authentication is not set up for this account.');
    await moveState(user, 'disabled');
    await removeFactor(context, user);
    await record(context, {
      event: 'two-factor.disabled',
      target: { type: 'user', id: user.id },
      details: { reason: why },
    });
    const variables = { ...(await issueDisavowal(context, user, 'two-factor.disabled')), by: nameOf(context) };
    await queueMail(context, { event: 'two-factor-disabled', to: user, tenant: context.tenant, variables });
  });
}

/** Resets the secret of somebody else, who has lost their app: the old one is dead at once, and the next sign-in shows the new one. */
export async function resetTwoFactorOf(context: TenantContext, userId: string, reason: string): Promise<void> {
  const why = demandReason(reason);
  await onFactor(context, userId, async (user) => {
    if (user.twoFactor === 'disabled')
      throw new Conflict('Two-factor authentication is not set up for this account. Mark it “must set up” instead.');
    await moveState(user, 'pending');
    await putNewSecret(context, user);
    await record(context, {
      event: 'two-factor.reset',
      target: { type: 'user', id: user.id },
      details: { reason: why },
    });
    const variables = { ...(await issueDisavowal(context, user, 'two-factor.reset')), by: nameOf(context) };
    await queueMail(context, { event: 'two-factor-reset', to: user, tenant: context.tenant, variables });
  });
}

async function onFactor(context: TenantContext, userId: string, act: (user: User) => Promise<void>): Promise<void> {
  await actOnUser(
    context,
    userId,
    (actor, target) => mayActOnAnother(actor, 'users:two-factor', target),
    async (user) => {
      await act(user);
      await Session.end({ tenantId: user.tenantId, userId: user.id }, context.now);
    },
  );
}

/** Until when no code of this account is looked at, after too many wrong ones; null while they are. */
export async function codesLockedUntil({ services, now }: TenantContext, userId: string): Promise<number | null> {
  const { blockedUntil } = await lookAtThrottle(services.database, codeKey(userId), now);
  return blockedUntil > 0 ? blockedUntil : null;
}

/** Opens the lock of wrong codes, so that the new factor can be used at once. Outside transactions. */
export async function openCodeLock(context: TenantContext, userId: string): Promise<void> {
  await clearThrottles(context.services.database, codeKey(userId));
}

function demandReason(reason: string): string {
  if (reason.trim() === '') throw Invalid.field('reason', 'Say why: it goes into the security log.');
  return reason.trim();
}

function nameOf({ user, door }: TenantContext): string {
  return user?.name ?? (door === 'cli' ? 'the operator of the server' : 'an administrator');
}
