import { UniqueConstraintError } from 'sequelize';
import { Passkey } from '#models/passkey.js';
import { signsInAlone } from '#policies/authentication.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { Conflict, Invalid, NotFound } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { refuseOtherDuty } from '#server/identity/admission.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { refuseHeld, release } from '#server/identity/enrolment.js';
import { moveEpoch } from '#server/identity/epoch.js';
import { hasFactor } from '#server/identity/factors.js';
import { lockUser } from '#server/identity/lock-user.js';
import { forgetPasskeys, listPasskeys, whyKept } from '#server/identity/passkey.js';
import { lookUpOwn } from '#server/identity/prove.js';
import { replaceRecoveryCodes } from '#server/identity/recovery-codes.js';
import { renewSession } from '#server/identity/session.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { checkCreation, type NewPasskey } from './creation.js';

export const MOST_PASSKEYS = 20;

const NOT_ALONE =
  'This passkey stands beside the password only: your organisation lets none do more, or it was made without PIN, finger or face. Make another with one of these.';

const NO_USE =
  'This passkey asks for no PIN, finger or face, or needs your name to be found. It could not sign you in: your organisation lets passwords open nothing. Make another.';
const STAYS =
  'Your organisation lets passwords open nothing, so a passkey that stands beside one is of no use. Remove it instead.';

/** What came of a new passkey. */
export interface AddedPasskey {
  passkey: Passkey;
  /** The new id of the running session: it has just been proven whose it is. */
  sid: string;
  /** Shown once, where this is the first factor. */
  codes: string[] | null;
}

/** Whether its owner may let it stand for the password too. */
export function mayBePromoted({ policy }: Pick<UserContext, 'policy'>, { verified }: Passkey): boolean {
  return signsInAlone(policy, { verified, signInAlone: true });
}

/** Whether nobody asks the caller for a password any more. */
export function onlyPasskeys({ secondFactor }: Pick<UserContext, 'secondFactor'>): boolean {
  return secondFactor.password !== 'all';
}

/** Throws where the organisation has switched passkeys off, or there are as many as there may be. */
export function refuseMore({ policy }: UserContext, count: number): void {
  if (policy.passkeys === 'off') throw new Conflict('Your organisation does not use passkeys.');
  if (count >= MOST_PASSKEYS)
    throw new Conflict(
      `You have ${MOST_PASSKEYS} passkeys, which is the most there may be. Remove one that you no longer use.`,
    );
}

/**
 * Keeps a passkey that the caller's authenticator has made. The first one ends the other sessions, and where it is the first
 * factor of any kind, recovery codes come with it.
 */
export async function addPasskey(context: SignedInContext, sent: NewPasskey): Promise<AddedPasskey> {
  refuseMore(context, 0);
  const made = await checkCreation(context, sent);
  try {
    return await actingNow(context, 'duty', async (acting) => {
      refuseOtherDuty(acting, 'passkey');
      const user = await lockUser(acting.tenant.id, acting.user.id);
      const { tenantId, id: userId } = user;
      const count = await Passkey.count({ where: { tenantId, userId } });
      refuseMore(acting, count);
      refuseHeld(user, acting.session.methods);
      const codes = (await hasFactor(user)) ? null : await replaceRecoveryCodes(acting, user);
      const { verified, signInAlone = false } = made;
      const alone = { signInAlone: signsInAlone(acting.policy, { verified, signInAlone }) };
      if (onlyPasskeys(acting) && !alone.signInAlone) throw Invalid.field('', NO_USE);
      const passkey = await Passkey.create({ ...made, ...alone, tenantId, userId, createdAt: acting.now });
      await release(user);
      if (count === 0) {
        await moveEpoch(user);
        await endAccess(acting, ownerOf(user), 'factor change', { except: acting.session.id });
      }
      const variables = { ...(await issueDisavowal(acting, user, 'passkey.added')), passkey: passkey.name };
      await queueMail(acting, { event: 'passkey-added', to: user, tenant: acting.tenant, variables });
      const details = { name: passkey.name, synced: passkey.synced, ...(passkey.signInAlone ? alone : {}) };
      await record(acting, { event: 'passkey.added', target: { type: 'user', id: userId }, details });
      const shown = [passkey.synced ? 'swk' : 'hwk', 'user'] as const;
      return { passkey, codes, sid: await renewSession(acting, { authenticated: shown, epoch: user.epoch }) };
    });
  } catch (error) {
    if (error instanceof UniqueConstraintError) throw Invalid.field('', 'This passkey is known here already.');
    throw error;
  }
}

/** One of the caller's own passkeys. */
export async function findPasskey(context: UserContext, id: string): Promise<Passkey> {
  const { tenantId, id: userId } = context.user;
  const passkey = await Passkey.findOne({ where: { tenantId, userId, id } });
  if (!passkey) throw new NotFound();
  return passkey;
}

/** What its owner may change of a passkey. */
export interface PasskeyChange {
  name: string;
  signInAlone: boolean;
}

/** Gives one of the caller's passkeys another name, or lets it stand for the password too, or no longer; what is left out stays. */
export async function changePasskey(
  context: SignedInContext,
  id: string,
  changes: Partial<PasskeyChange>,
): Promise<void> {
  await actingNow(context, 'duty', async (acting) => {
    refuseOtherDuty(acting, 'promotion');
    const user = await lockUser(acting.tenant.id, acting.user.id);
    const passkey = await findPasskey(acting, id);
    const { name, signInAlone } = passkey;
    const after = { name, signInAlone, ...changes };
    // Where it is not offered, nothing is said of it.
    const alone = mayBePromoted(acting, passkey) ? after.signInAlone : signInAlone;
    if (after.signInAlone && !alone) throw Invalid.field('signInAlone', NOT_ALONE);
    if (onlyPasskeys(acting) && signInAlone && !alone) throw Invalid.field('signInAlone', STAYS);
    if (name === after.name && signInAlone === alone) return;
    await passkey.update({ name: after.name, signInAlone: alone });
    const variables = { ...(await issueDisavowal(acting, user, 'passkey.changed')), passkey: after.name };
    await queueMail(acting, { event: 'passkey-changed', to: user, tenant: acting.tenant, variables });
    const details = {
      name: name === after.name ? name : { from: name, to: after.name },
      ...(signInAlone === alone ? {} : { signInAlone: { from: signInAlone, to: alone } }),
    };
    await record(acting, { event: 'passkey.changed', target: { type: 'user', id: user.id }, details });
  });
}

/** Puts back one of the caller's passkeys that has been suspended because nobody could tell whose it was. */
export async function restorePasskey(context: SignedInContext, id: string): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const passkey = await findPasskey(acting, id);
    if (passkey.suspendedAt === null) throw new NotFound();
    await passkey.update({ suspendedAt: null });
    const details = { name: passkey.name };
    await record(acting, { event: 'passkey.restored', target: { type: 'user', id: acting.user.id }, details });
  });
}

/** Why the caller cannot remove this passkey, and what to do first; null where they can. */
export async function whyMyPasskeyStays(context: SignedInContext, passkey: Passkey): Promise<string | null> {
  const user = await lookUpOwn(context);
  return whyKept(user, context.secondFactor, [passkey]);
}

/** Removes one of the caller's passkeys; the other sessions end. Gives the new id of the running one, where there is one. */
export async function removePasskey(context: UserContext, id: string): Promise<string | null> {
  return actingNow(context, 'own', async (acting) => {
    const user = await lockUser(acting.tenant.id, acting.user.id);
    const passkey = await findPasskey(acting, id);
    const reason = await whyKept(user, acting.secondFactor, [passkey]);
    if (reason !== null) throw new Conflict(reason);
    const { session } = acting;
    await forgetPasskeys(acting, user, [passkey], { by: user.name, ...(session ? { except: session.id } : {}) });
    return session ? renewSession(acting as SignedInContext, { epoch: user.epoch }) : null;
  });
}

/** Removes all of the caller's passkeys at once; as `removePasskey`. */
export async function removeAllPasskeys(context: UserContext): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const user = await lockUser(acting.tenant.id, acting.user.id);
    const going = await listPasskeys(user);
    if (going.length === 0) return;
    const reason = await whyKept(user, acting.secondFactor, going);
    if (reason !== null) throw new Conflict(reason);
    await forgetPasskeys(acting, user, going, { by: user.name });
  });
}
