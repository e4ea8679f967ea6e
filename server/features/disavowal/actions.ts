import { Op } from 'sequelize';
import { PasswordHistory } from '#models/password-history.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import type { Context, SignedInContext, TenantContext, TenantInContext } from '#server/context.js';
import { ChangedMeanwhile, NotFound } from '#server/errors.js';
import { endAccess, type Ended, ownerOf } from '#server/identity/walk-access.js';
import { actingNow } from '#server/identity/acting.js';
import { recordRevoked } from '#server/identity/credential.js';
import { maskEmail } from '#server/mail/words.js';
import { type EventName, isDisavowable } from '#server/trace/events.js';
import { record, type Details } from '#server/trace/record.js';
import { findActivity, type Activity } from '../activity/actions.js';
import { lockUser } from '#server/identity/lock-user.js';
import { findLink, takingLink, type LiveLink } from '#server/identity/take-link.js';
import { isAddressTooNew } from '#server/identity/moved-address.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { putNewSecret } from '#server/identity/factor.js';
import { beyondDoubt, isAddressInDoubt, knownAddresses, lookBackFrom, tellingChanges } from './doubt.js';
import { tellAdmins, tellOwner } from './tell.js';

/** What an owner says they have not done, and how they said so. */
export interface Disavowed {
  event: EventName;
  /** When it happened. */
  at: number;
  /** For the log: which row it was, or where the mail went. */
  source: Details;
}

/** What securing an account led to: `held` when an administrator has to send the link for a new password. */
export interface Secured {
  held: boolean;
}

/** One of the caller's own events that can be disavowed, and what doing so would lead to. Any other is not found. */
export async function previewDisavowal(
  context: SignedInContext,
  eventId: string,
): Promise<{ activity: Activity } & Secured> {
  const activity = await findDisavowable(context, eventId);
  const user = await User.findOne({ where: { tenantId: context.tenant.id, id: context.user.id }, rejectOnEmpty: true });
  return { activity, held: await isHeld(context, user, lookBackFrom(activity.at, context.now)) };
}

/**
 * The caller disavows one of their own events: the account is secured, and the running session ends too. Of several
 * at once one gets on. Not asked for the password: whoever sees a stranger in the account must be able to act at once.
 */
export async function disavow(context: SignedInContext, eventId: string): Promise<Secured> {
  const { event, at } = await findDisavowable(context, eventId);
  return actingNow(context, 'own', async (acting) => {
    const user = await lockUser(acting.tenant.id, acting.user.id);
    return secureAccount(acting, user, { event, at, source: { via: 'recent activity', eventId } });
  });
}

/** The live link with this token, and what taking it would lead to. Throws `DeadLink`; changes nothing. */
export async function findDisavowalLink(context: Context, token: string): Promise<LiveLink & Secured> {
  const found = await findLink(context, 'disavowal', token);
  const { link, user } = found;
  return { ...found, held: await isHeld(found.context, user, lookBackFrom(link.createdAt, context.now)) };
}

/** Takes the link of a security mail: the same as `disavow`, for who need not be signed in. Throws `DeadLink`. */
export async function disavowByLink(
  context: Context,
  token: string,
): Promise<Secured & { owner: User; tenant: TenantInContext }> {
  const found = await findLink(context, 'disavowal', token);
  return takingLink(context, found, async ({ link, user, context: inside }) => {
    const disavowed = {
      event: link.about as EventName,
      at: link.createdAt,
      source: { via: 'mailed link', mailedTo: maskEmail(link.email) },
    };
    const { held } = await secureAccount(inside, user, disavowed);
    return { held, owner: user, tenant: inside.tenant };
  });
}

/**
 * Takes everything of an account out of the hands of whoever has it, owner included: the one place where all that
 * lets somebody in is ended, revoked or suspended (`endAccess`). The password is worth nothing from now on, to whoever knows it, and cannot be
 * chosen again; the way back is a mailed link for a new one, which is sent at once, or by an administrator where the
 * address is in doubt. `user` comes from `lockUser`. Inside a transaction.
 */
async function secureAccount(context: TenantContext, user: User, disavowed: Disavowed): Promise<Secured> {
  const { now } = context;
  const { tenantId, id: userId, epoch } = user;
  const since = lookBackFrom(disavowed.at, now);
  const held = await isHeld(context, user, since);
  const changes = await tellingChanges(context.services, user, since);
  const addresses = held ? await knownAddresses(user, since) : [user.email];

  const [secured] = await User.update(
    // Whoever was in it may have asked for its removal: its owner has to be there to say so again.
    { passwordHash: null, mustChangePassword: true, resetHeld: held, removalAt: null, epoch: epoch + 1 },
    { where: { tenantId, id: userId, epoch } },
  );
  if (secured !== 1) throw new ChangedMeanwhile('Open the page again.');
  if (user.passwordHash !== null) {
    await PasswordHistory.create({ tenantId, userId, passwordHash: user.passwordHash, createdAt: now });
  }
  await ScheduledPolicy.doubt(tenantId, userId);
  const { at } = disavowed;
  const ended = await endAccess(context, ownerOf(user), 'disavowal', { at, since: await beyondDoubt(user, since) });
  await doubtRecoveryCodes(user, since, now);
  // What has been shown to somebody else and not been proven yet is worth nothing any more.
  if (user.twoFactor === 'pending') await putNewSecret(context, user);
  // The mails before the log: its head is locked from the first row on, and others may hold what a mail waits for.
  await tellOwner(context, user, addresses, { held, suspended: suspendedText(ended) });
  await tellAdmins(context, user, disavowed, { held, changes, suspended: suspendedText(ended) });
  await recordRevoked(context, user, ended);
  await record(context, {
    event: 'activity.disavowed',
    actorId: userId,
    target: { type: 'user', id: userId },
    details: {
      disavowed: disavowed.event,
      at: new Date(disavowed.at).toISOString(),
      ...disavowed.source,
      resetLink: held ? 'held' : 'mailed',
      ...(user.removalAt === null ? {} : { removal: 'taken back' }),
      ...countsOf(ended),
    },
  });
  if (!held) await sendResetLink(context, user);
  return { held };
}

// Of an administrator it may also be one that another, alone, has put there of late.
async function isHeld(context: TenantContext, user: User, since: number): Promise<boolean> {
  return (await isAddressInDoubt(user, since)) || isAddressTooNew(context, user.id, null);
}

async function findDisavowable(context: SignedInContext, eventId: string): Promise<Activity & { event: EventName }> {
  const activity = await findActivity(context, eventId);
  const { event } = activity;
  if (!activity.disavowable || !isDisavowable(event)) throw new NotFound();
  return { ...activity, event };
}

// Whoever had one code may have them all, and where no password comes before it the next one would let them in again.
async function doubtRecoveryCodes({ tenantId, id: userId }: User, since: number, now: number): Promise<void> {
  if ((await SecurityPolicy.of(tenantId)).passwordSignIn !== 'forbidden') return;
  const used = await RecoveryCode.count({ where: { tenantId, userId, usedAt: { [Op.gte]: since } } });
  if (used > 0) await RecoveryCode.replaceAll(tenantId, userId, now);
}

// What became of each kind, for the log.
function countsOf(ended: readonly Ended[]): Details {
  return Object.fromEntries(ended.map(({ kind, count }) => [kind.name, count]));
}

/** What waits for its owner to put it back, by name; "none" where there is nothing. */
function suspendedText(ended: readonly Ended[]): string {
  const names = ended.filter(({ suspended }) => suspended).flatMap((one) => one.names);
  return names.length === 0 ? 'none' : names.join('; ');
}
