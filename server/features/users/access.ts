import { Link } from '#models/link.js';
import { Session } from '#models/session.js';
import { clearThrottles } from '#models/throttle.js';
import { mayActOn, mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, NotFound } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { accountKey } from '#server/identity/lockout.js';
import { actOnUser, changeRow } from '#server/identity/user.js';
import { openCodeLock } from './two-factor.js';

/** Lets an account that is locked after wrong passwords or wrong codes be tried again at once, from every browser. */
export async function unlock(context: TenantContext, userId: string): Promise<void> {
  await actOnUser(
    context,
    userId,
    (actor, target) => mayActOn(actor, 'users:write', target),
    async (user) => {
      await changeRow(user, { lockedUntil: null });
      await record(context, { event: 'account.unlocked', target: { type: 'user', id: user.id } });
    },
  );
  await clearThrottles(context.services.database, accountKey(userId));
  await openCodeLock(context, userId);
}

/**
 * Mails the link with which the user gets to a password: a new one, or for who is still invited the first. Gives which.
 * Throws `Conflict` where there is no password to set: a service account, a disabled one.
 */
export async function sendPasswordLink(context: TenantContext, userId: string): Promise<'reset' | 'invitation'> {
  return actOnUser(
    context,
    userId,
    (actor, target) => mayActOn(actor, 'users:write', target),
    async (user) => {
      if (user.status === 'invited') {
        await sendInvitation(context, user);
        return 'invitation';
      }
      await sendResetLink(context, user);
      return 'reset';
    },
  );
}

/** Mails an invitation again; the link of the one before is void. Throws `Conflict` for who is not waiting for one. */
export async function inviteAgain(context: TenantContext, userId: string): Promise<void> {
  await actOnUser(
    context,
    userId,
    (actor, target) => mayActOn(actor, 'users:write', target),
    (user) => sendInvitation(context, user),
  );
}

/** Marks a password outdated: its owner can do nothing more, in any open session, before choosing a new one. */
export async function markPasswordOutdated(context: TenantContext, userId: string): Promise<void> {
  await actOnUser(
    context,
    userId,
    (actor, target) => mayActOnAnother(actor, 'users:write', target),
    async (user) => {
      if (user.passwordHash === null) throw new Conflict('This account has no password yet that could be outdated.');
      await changeRow(user, { mustChangePassword: true });
      await record(context, { event: 'password.marked-outdated', target: { type: 'user', id: user.id } });
    },
  );
}

/** Ends every session of a user, and voids the links and sign-ins that are under way. Gives how many sessions ended. */
export async function endSessionsOf(context: TenantContext, userId: string): Promise<number> {
  return actOnUser(
    context,
    userId,
    (actor, target) => mayActOnAnother(actor, 'users:write', target),
    async (user) => {
      // Whoever is invited has neither, but a link that they still need.
      if (user.status !== 'invited') await changeRow(user, { epoch: user.epoch + 1 });
      const count = await Session.end({ tenantId: user.tenantId, userId }, context.now);
      if (user.status !== 'invited') await Link.voidAll(user.tenantId, userId, context.now);
      await record(context, { event: 'sessions.ended', target: { type: 'user', id: userId }, details: { count } });
      return count;
    },
  );
}

/** Ends one session of a user; not found when it is another's, or over. */
export async function endSessionOf(context: TenantContext, userId: string, sessionId: string): Promise<void> {
  await actOnUser(
    context,
    userId,
    (actor, target) => mayActOnAnother(actor, 'users:write', target),
    async (user) => {
      if ((await Session.end({ tenantId: user.tenantId, userId, id: sessionId }, context.now)) !== 1)
        throw new NotFound();
      await record(context, {
        event: 'session.ended',
        target: { type: 'session', id: sessionId },
        details: { userId },
      });
    },
  );
}
