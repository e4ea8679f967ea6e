import { inTransaction } from '#models/index.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { Session } from '#models/session.js';
import { TotpSecret } from '#models/totp-secret.js';
import { User } from '#models/user.js';
import type { Context, SignedInContext, UserContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { drawQrCode, type QrCode } from '#server/lib/qr-code.js';
import { newTotpSecret, otpauthUrl } from '#server/lib/totp.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from '../disavowal/issue.js';
import { lockUser } from '../links/issue.js';
import { replaceRecoveryCodes } from '../recovery-codes/actions.js';
import { renewSession } from '../sessions/actions.js';
import { aboutSecret, openSecret, proveCode, type CodeOwner } from './code.js';

/** What an authenticator app needs to be told, while the set-up is pending. */
export interface PendingSetup {
  secret: string;
  url: string;
  qr: QrCode;
}

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

/** The set-up that is pending, to be shown; null in any other state. */
export async function pendingSetup(
  context: Context,
  { user, tenant }: { user: Pick<User, 'id' | 'username' | 'twoFactor'>; tenant: { name: string } },
): Promise<PendingSetup | null> {
  if (user.twoFactor !== 'pending') return null;
  const row = await TotpSecret.findByPk(user.id);
  if (!row) return null;
  const secret = openSecret(context, row);
  const url = otpauthUrl(secret, `Gatehouse ${tenant.name}`, user.username);
  return { secret, url, qr: drawQrCode(url) };
}

/** Validates the pending set-up; gives the recovery codes. Every session of the user ends, the running one too. */
export async function confirmSetup(context: SignedInContext, code: string): Promise<string[]> {
  const owner = { user: await ownUser(context), tenant: context.tenant };
  await proveCode(context, owner, code, 'pending');
  return inTransaction(() => activate(context, owner));
}

/** Makes a set-up active that has just been proven: new recovery codes, which it gives, and every session ends. Inside a transaction. */
export async function activate(context: Context, { user, tenant }: CodeOwner): Promise<string[]> {
  const { tenantId, id: userId } = user;
  await moveState(user, 'active');
  await TotpSecret.update({ confirmedAt: context.now }, { where: { tenantId, userId } });
  const codes = await replaceRecoveryCodes(context, user);
  await Session.end({ tenantId, userId }, context.now);
  await record(context, {
    event: 'two-factor.enabled',
    tenantId,
    actorId: userId,
    target: { type: 'user', id: userId },
  });
  const variables = await issueDisavowal(context, user, 'two-factor.enabled');
  await queueMail(context, { event: 'two-factor-enabled', to: user, tenant, variables });
  return codes;
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

/** Gives the user a new, unproven secret in the place of any other. Inside a transaction. */
export async function putNewSecret(context: Context, user: User): Promise<void> {
  const { tenantId, id: userId } = user;
  await RecoveryCode.replaceAll(tenantId, userId, context.now);
  const sealedSecret = context.services.keys.seal(newTotpSecret(), aboutSecret({ tenantId, userId }));
  await TotpSecret.upsert({ tenantId, userId, sealedSecret, lastStep: 0, createdAt: context.now, confirmedAt: null });
}

/** Takes secret and recovery codes away; the state is the caller's to move. Inside a transaction. */
export async function removeFactor(context: Context, user: User): Promise<void> {
  await TotpSecret.destroy({ where: { tenantId: user.tenantId, userId: user.id } });
  await RecoveryCode.replaceAll(user.tenantId, user.id, context.now);
}

/** Moves the state on, and with it the epoch: sessions, links, challenges and remembered browsers of before are void. */
export async function moveState(user: User, to: User['twoFactor']): Promise<void> {
  const { tenantId, id, epoch, twoFactor } = user;
  const beginning = twoFactor === 'disabled' && to === 'pending';
  const next = beginning ? epoch : epoch + 1;
  const [moved] = await User.update({ twoFactor: to, epoch: next }, { where: { tenantId, id, epoch, twoFactor } });
  if (moved !== 1) throw new Conflict('This account was changed a moment ago. Reload the page and try again.');
  user.set({ twoFactor: to, epoch: next });
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
