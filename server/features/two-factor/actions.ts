import { User } from '#models/user.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { actingNow } from '#server/identity/acting.js';
import { refuseOtherDuty } from '#server/identity/admission.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { refuseHeld } from '#server/identity/enrolment.js';
import { lockUser } from '#server/identity/lock-user.js';
import { proveOwnCode, proveOwnPassword } from '#server/identity/prove.js';
import { renewSession } from '#server/identity/session.js';
import { proveCode } from '#server/identity/code.js';
import { signedInCodeKey } from '#server/identity/counters.js';
import { moveState } from '#server/identity/epoch.js';
import { factorIsLeft, whatOpens } from '#server/identity/readmission.js';
import { activate, putNewSecret, removeFactor, replacesActiveFactor } from '#server/identity/factor.js';

const NEXT_SIGN_IN = 'At your next sign-in you will be shown a QR code for your app.';
const SOON = 'Sign in soon: until then your password alone leads to it.';

/**
 * Begins the set-up: a new secret, state pending. From active it is "Reset secret": the old secret and the other
 * sessions are dead at once. Gives the new id of the running session.
 */
export async function startSetup(context: SignedInContext): Promise<string> {
  if (context.policy.twoFactor === 'off')
    throw new Conflict('Your organisation does not use two-factor authentication.');
  return actingNow(context, 'duty', async (acting) => {
    refuseOtherDuty(acting, 'app');
    const user = await ownUser(acting);
    refuseHeld(user, acting.session.methods);
    const was = user.twoFactor;
    const sid = await moveOn(acting, user, 'pending');
    await putNewSecret(acting, user);
    await record(acting, {
      event: was === 'active' ? 'two-factor.reset' : 'two-factor.setup-started',
      target: { type: 'user', id: user.id },
    });
    if (was !== 'active') return sid;
    const open = acting.secondFactor.password === 'all' && !(await factorIsLeft(user));
    const next = open ? `${NEXT_SIGN_IN} ${SOON}` : NEXT_SIGN_IN;
    const variables = { ...(await issueDisavowal(acting, user, 'two-factor.reset')), by: user.name, next };
    await queueMail(acting, { event: 'two-factor-reset', to: user, tenant: acting.tenant, variables });
    return sid;
  });
}

/** Validates the pending set-up; gives the recovery codes. Every session of the user ends, the running one too. */
export async function confirmSetup(context: SignedInContext, code: string): Promise<string[]> {
  const found = await User.findOne({
    where: { tenantId: context.tenant.id, id: context.user.id },
    rejectOnEmpty: true,
  });
  if (found.twoFactor !== 'pending')
    throw new Conflict('There is no set-up to finish: it was finished or cancelled elsewhere. Look at its page again.');
  refuseHeld(found, context.session.methods);
  // By the counter of who is signed in: what strangers guess at keeps nobody from finishing.
  await proveCode(
    context,
    { user: found, tenant: context.tenant, counter: signedInCodeKey(found.id) },
    code,
    'pending',
  );
  // The state is moved as it was proven: whoever changed it meanwhile goes first.
  return actingNow(context, 'duty', (acting) => {
    refuseOtherDuty(acting, 'app');
    return activate(acting, { user: found, tenant: acting.tenant });
  });
}

/**
 * Whether the caller may leave the pending set-up. Not after a reset: that would disable an active second factor
 * without password and code.
 */
export async function mayCancelSetup({ user }: UserContext): Promise<boolean> {
  return !(await replacesActiveFactor(user.id));
}

/** Leaves a pending set-up: no secret, state disabled. Gives the new id of the running session. */
export async function cancelSetup(context: SignedInContext): Promise<string> {
  return actingNow(context, 'own', async (acting) => {
    if (!(await mayCancelSetup(acting)))
      throw new Conflict(
        'This set-up replaces a second factor that was active, so it cannot be cancelled. Finish it with a code of your app; after that you can disable two-factor authentication with your password and a code.',
      );
    const user = await ownUser(acting);
    if (user.twoFactor !== 'pending') throw new Conflict('There is no set-up to cancel.');
    const sid = await moveOn(acting, user, 'disabled');
    await removeFactor(acting, user);
    await record(acting, { event: 'two-factor.setup-cancelled', target: { type: 'user', id: user.id } });
    return sid;
  });
}

/**
 * Disables two-factor authentication, for who proves both password and code now: a browser that is found open is not enough. The
 * other sessions end, this one goes on. Gives its new id. Refused when it is demanded.
 */
export async function disableTwoFactor(
  context: SignedInContext,
  { password, code }: { password: string; code: string },
): Promise<string> {
  refuseWhereDemanded(context);
  if (context.user.twoFactor !== 'active') throw new Conflict('Two-factor authentication is not active.');
  await proveOwnPassword(context, password, 'password');
  await proveOwnCode(context, code);
  return actingNow(context, 'own', async (acting) => {
    refuseWhereDemanded(acting);
    const user = await ownUser(acting);
    if (user.twoFactor !== 'active') throw new Conflict('Two-factor authentication is not active.');
    const sid = await moveOn(acting, user, 'disabled');
    await removeFactor(acting, user);
    await record(acting, { event: 'two-factor.disabled', target: { type: 'user', id: user.id } });
    const variables = {
      ...(await issueDisavowal(acting, user, 'two-factor.disabled')),
      by: user.name,
      left: await whatOpens(acting, user),
    };
    await queueMail(acting, { event: 'two-factor-disabled', to: user, tenant: acting.tenant, variables });
    return sid;
  });
}

/** Throws where the caller's second factor is demanded, and so cannot be disabled. */
export function refuseWhereDemanded({ secondFactor }: UserContext): void {
  if (secondFactor.demanded)
    throw new Conflict(
      'Your organisation demands two-factor authentication, so it cannot be disabled. You can reset the secret instead.',
    );
}

// Moves the caller's own state: the other sessions end with the epoch, the running one is carried over.
async function moveOn(acting: SignedInContext, user: User, to: User['twoFactor']): Promise<string> {
  const before = user.epoch;
  await moveState(user, to);
  if (user.epoch !== before) await endAccess(acting, ownerOf(user), 'factor change', { except: acting.session.id });
  return renewSession(acting, { epoch: user.epoch });
}

function ownUser({ user, tenant }: SignedInContext): Promise<User> {
  return lockUser(tenant.id, user.id);
}
