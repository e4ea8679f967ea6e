import { aboutSecret, TotpSecret } from '#models/totp-secret.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { endAccess } from './walk-access.js';
import { drawQrCode, type QrCode } from '#server/lib/qr-code.js';
import { newTotpSecret, otpauthUrl } from '#server/lib/totp.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from './disavowal-link.js';
import { moveState } from './epoch.js';
import { kindNamed } from './factor-kind.js';
import { dropStandIns } from './factors.js';
import { release } from './enrolment.js';
import { replaceRecoveryCodes } from './recovery-codes.js';
import { openSecret } from './totp-secret.js';
import type { CodeOwner } from './code.js';

/** What an authenticator app needs to be told, while the set-up is pending. */
export interface PendingSetup {
  secret: string;
  url: string;
  qr: QrCode;
}

/** The set-up that is pending, to be shown; null in any other state, and when its secret is damaged. */
export async function pendingSetup(
  context: Context,
  { user, tenant }: { user: Pick<User, 'id' | 'username' | 'twoFactor'>; tenant: { name: string } },
): Promise<PendingSetup | null> {
  if (user.twoFactor !== 'pending') return null;
  const row = await TotpSecret.findByPk(user.id);
  if (!row) return null;
  const secret = openSecret(context, row);
  if (secret === null) return null;
  const url = otpauthUrl(secret, `Gatehouse ${tenant.name}`, user.username);
  return { secret, url, qr: await drawQrCode(url) };
}

/** True when the user has a secret that nobody can open any more: no code of theirs can be right. */
export async function isDamaged(context: Context, userId: string): Promise<boolean> {
  const row = await TotpSecret.findByPk(userId);
  return row !== null && openSecret(context, row) === null;
}

/** Makes a set-up active that has just been proven: new recovery codes, which it gives, and every session ends. Inside a transaction. */
export async function activate(context: Context, { user, tenant }: CodeOwner): Promise<string[]> {
  const { tenantId, id: userId } = user;
  await moveState(user, 'active');
  await TotpSecret.update({ confirmedAt: context.now }, { where: { tenantId, userId } });
  await release(user);
  const codes = await replaceRecoveryCodes(context, user);
  await endAccess(context, { tenantId, userId }, 'factor change');
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

/** Whether the set-up of this user came about by a reset, however often it was begun anew since. */
export async function replacesActiveFactor(userId: string): Promise<boolean> {
  const row = await TotpSecret.findByPk(userId, { attributes: ['confirmedAt', 'replacesActive'] });
  return row !== null && (row.confirmedAt !== null || row.replacesActive);
}

/** Gives the user a new, unproven secret in the place of any other. Inside a transaction. */
export async function putNewSecret(context: Context, user: User): Promise<void> {
  const { tenantId, id: userId } = user;
  const replacesActive = await replacesActiveFactor(userId);
  await dropStandIns(context, user);
  const sealedSecret = context.services.keys.seal(newTotpSecret(), aboutSecret({ tenantId, userId }));
  const begun = { lastStep: 0, createdAt: context.now, confirmedAt: null, replacesActive };
  await TotpSecret.upsert({ tenantId, userId, sealedSecret, ...begun });
}

/** Takes the secret away, and with the last factor the recovery codes; the state is the caller's to move. Inside a transaction. */
export async function removeFactor(context: Context, user: User): Promise<void> {
  await kindNamed('totp').remove(context, user);
  await dropStandIns(context, user);
}
