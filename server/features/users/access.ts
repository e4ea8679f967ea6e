import { Session } from '#models/session.js';
import { clearThrottles } from '#models/throttle.js';
import { can } from '#policies/can.js';
import { mayActOn, mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { accountKey } from '#server/identity/counters.js';
import { actOnUser, changeRow, targetOf } from '#server/identity/user.js';
import { countLink } from './count-link.js';
import { codesLockedUntil, countOpening, demandReason, openCodeLock, traceCodesOpened } from './code-lock.js';

/**
 * Lets an account that is locked after wrong passwords be tried again at once, from every browser. A lock of wrong codes
 * opens with it only for who may also reset the second factor, and says why: that lock is all that stands between who
 * knows the password and guessing the code. Never one's own.
 */
export async function unlock(context: TenantContext, userId: string, reason = ''): Promise<void> {
  const codesLocked = (await codesLockedUntil(context, userId)) !== null;
  // Before the write: what has been mailed and logged must have been done.
  if (codesLocked && can(context.actor, 'users:two-factor')) {
    demandReason(reason);
    await countOpening(context, userId);
  }
  const opensCodes = await actOnUser(
    context,
    userId,
    { permission: 'users:write', rule: mayActOnAnother },
    async (user, acting) => {
      const opens = codesLocked && mayActOnAnother(acting.actor, 'users:two-factor', targetOf(user));
      if (codesLocked && !opens && user.lockedUntil === null)
        throw new Forbidden('Codes are locked here, and only who may reset two-factor authentication opens that.');
      if (opens) await traceCodesOpened(acting, user, reason.trim());
      await changeRow(user, { lockedUntil: null });
      await record(acting, { event: 'account.unlocked', target: { type: 'user', id: user.id } });
      return opens;
    },
  );
  await clearThrottles(context.services.database, accountKey(userId));
  if (opensCodes) await openCodeLock(context, userId);
}

/** Mails an invitation again; the link of the one before is void. Throws `Conflict` for who is not waiting for one. */
export async function inviteAgain(context: TenantContext, userId: string): Promise<void> {
  await countLink(context, userId);
  await actOnUser(context, userId, { permission: 'users:write', rule: mayActOn }, (user, acting) =>
    sendInvitation(acting, user),
  );
}

/** Marks a password outdated: its owner can do nothing more, in any open session, before choosing a new one. */
export async function markPasswordOutdated(context: TenantContext, userId: string): Promise<void> {
  await actOnUser(context, userId, { permission: 'users:write', rule: mayActOnAnother }, async (user, acting) => {
    if (user.passwordHash === null) throw new Conflict('This account has no password yet that could be outdated.');
    await changeRow(user, { mustChangePassword: true });
    await record(acting, { event: 'password.marked-outdated', target: { type: 'user', id: user.id } });
  });
}

/** What ending the sessions of somebody else demands, and whose may be ended. */
export const ENDING = { permission: 'users:write', rule: mayActOnAnother } as const;

/** Ends every session of a user, and voids the links and sign-ins that are under way. Gives how many sessions ended. */
export async function endSessionsOf(context: TenantContext, userId: string): Promise<number> {
  return actOnUser(context, userId, ENDING, async (user, acting) => {
    // Whoever is invited has neither, but a link that they still need.
    if (user.status !== 'invited') await changeRow(user, { epoch: user.epoch + 1 });
    const ended = user.status === 'invited' ? [] : await endAccess(acting, ownerOf(user), 'sessions end');
    const count = ended.find(({ kind }) => kind.name === 'sessions')?.count ?? 0;
    await record(acting, { event: 'sessions.ended', target: { type: 'user', id: userId }, details: { count } });
    return count;
  });
}

/** Ends one session of a user; not found when it is another's, or over. */
export async function endSessionOf(context: TenantContext, userId: string, sessionId: string): Promise<void> {
  await actOnUser(context, userId, ENDING, async (user, acting) => {
    if ((await Session.end({ tenantId: user.tenantId, userId, id: sessionId }, acting.now)) !== 1) throw new NotFound();
    await record(acting, {
      event: 'session.ended',
      target: { type: 'session', id: sessionId },
      details: { userId },
    });
  });
}
