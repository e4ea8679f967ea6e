import { inTransaction } from '#models/transaction.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { lockUser } from '#server/identity/user.js';
import { renewSession } from '#server/identity/session.js';
import { proveCode } from '#server/identity/code.js';
import { activate, putNewSecret, removeFactor, moveState } from '#server/identity/factor.js';

/**
 * Begins the set-up: a new secret, state pending. From active it is "Reset secret": the old secret and the other
 * sessions are dead at once. The running session goes on under the id `sid`.
 */
export async function startSetup(context: SignedInContext, sid: string): Promise<void> {
  const { tenant, policy } = context;
  if (policy.twoFactor === 'off') throw new Conflict('Your organisation does not use two-factor authentication.');
  await inTransaction(async () => {
    const user = await ownUser(context);
    const was = user.twoFactor;
    await moveOn(context, user, 'pending', sid);
    await putNewSecret(context, user);
    await record(context, {
      event: was === 'active' ? 'two-factor.reset' : 'two-factor.setup-started',
      target: { type: 'user', id: user.id },
    });
    if (was !== 'active') return;
    const variables = { ...(await issueDisavowal(context, user, 'two-factor.reset')), by: user.name };
    await queueMail(context, { event: 'two-factor-reset', to: user, tenant, variables });
  });
}

/** Validates the pending set-up; gives the recovery codes. Every session of the user ends, the running one too. */
export async function confirmSetup(context: SignedInContext, code: string): Promise<string[]> {
  const owner = { user: await ownUser(context), tenant: context.tenant };
  await proveCode(context, owner, code, 'pending');
  return inTransaction(() => activate(context, owner));
}

/**
 * Whether the caller may leave the pending set-up. Not after "Reset secret" where a second factor is demanded: that
 * would disable it by another name.
 */
export async function mayCancelSetup({ user, secondFactor }: UserContext): Promise<boolean> {
  return !secondFactor.demanded || !(await RecoveryCode.wasEverGiven(user.tenantId, user.id));
}

/** Leaves a pending set-up: no secret, state disabled. */
export async function cancelSetup(context: SignedInContext, sid: string): Promise<void> {
  if (!(await mayCancelSetup(context)))
    throw new Conflict(
      'Your organisation demands two-factor authentication, so this set-up cannot be cancelled. Finish it with a code of your app.',
    );
  await inTransaction(async () => {
    const user = await ownUser(context);
    if (user.twoFactor !== 'pending') throw new Conflict('There is no set-up to cancel.');
    await moveOn(context, user, 'disabled', sid);
    await removeFactor(context, user);
    await record(context, { event: 'two-factor.setup-cancelled', target: { type: 'user', id: user.id } });
  });
}

/** Disables two-factor authentication; the other sessions end, this one goes on under the id `sid`. Refused when it is demanded. */
export async function disableTwoFactor(context: SignedInContext, sid: string): Promise<void> {
  if (context.secondFactor.demanded)
    throw new Conflict(
      'Your organisation demands two-factor authentication, so it cannot be disabled. You can reset the secret instead.',
    );
  await inTransaction(async () => {
    const user = await ownUser(context);
    if (user.twoFactor !== 'active') throw new Conflict('Two-factor authentication is not active.');
    await moveOn(context, user, 'disabled', sid);
    await removeFactor(context, user);
    await record(context, { event: 'two-factor.disabled', target: { type: 'user', id: user.id } });
    const variables = { ...(await issueDisavowal(context, user, 'two-factor.disabled')), by: user.name };
    await queueMail(context, { event: 'two-factor-disabled', to: user, tenant: context.tenant, variables });
  });
}

// Moves the caller's own state: the other sessions end with the epoch, the running one is carried over.
async function moveOn(context: SignedInContext, user: User, to: User['twoFactor'], sid: string): Promise<void> {
  const before = user.epoch;
  await moveState(user, to);
  if (user.epoch !== before)
    await Session.end({ tenantId: user.tenantId, userId: user.id }, context.now, context.session.id);
  await renewSession(context, sid, { epoch: user.epoch });
}

function ownUser({ user, tenant }: SignedInContext): Promise<User> {
  return lockUser(tenant.id, user.id);
}
