import { writeAtTheEnd } from '#models/at-the-end.js';
import { AnsweredForm } from '#models/answered-form.js';
import { KnownBrowser } from '#models/known-browser.js';
import type { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { clearThrottles } from '#models/throttle.js';
import { writeInTransaction } from '#models/transaction.js';
import { UserJob } from '#models/user-job.js';
import type { Context, SignedInContext } from '#server/context.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { hashToken } from '#server/lib/random-token.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { arriving } from '#server/identity/arrival.js';
import { tellOfUse } from '#server/identity/break-glass.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { openSession } from '#server/identity/session.js';
import type { SignInCandidate } from '#server/identity/check-credentials.js';
import { accountKey } from '#server/identity/counters.js';

const signedIn = (more: string) => ({
  one: `UPDATE users SET last_signed_in_at = $1${more} WHERE tenant_id = $2 AND id = $3`,
  several: `UPDATE users SET last_signed_in_at = given.value ->> 0${more} FROM json_each($1) AS given
WHERE users.tenant_id = given.value ->> 1 AND users.id = given.value ->> 2`,
});
const SIGNED_IN = signedIn('');
const SIGNED_IN_AFTER_LOCK = signedIn(', locked_until = NULL');

const BROWSER = 'INSERT INTO known_browsers (tenant_id, user_id, browser_hash, created_at, last_used_at)';
const OR_SEEN = 'ON CONFLICT (user_id, browser_hash) DO UPDATE SET last_used_at = excluded.last_used_at';
const SEEN = {
  one: `${BROWSER} VALUES ($1, $2, $3, $4, $4) ${OR_SEEN}`,
  several: `${BROWSER} SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 3 FROM json_each($1)
WHERE true ${OR_SEEN}`,
};

/**
 * Completes a sign-in: a session, of which it gives the id for the cookie, the log row, and a mail when the browser is new. The user must be
 * what the password was checked against: whoever was disabled, or got another password, meanwhile is refused.
 * `first` runs before all else in the same transaction, and stops the sign-in by throwing.
 */
export async function completeSignIn(
  context: Context,
  candidate: SignInCandidate,
  browser: string,
  first?: (policy: SecurityPolicy) => Promise<void>,
): Promise<string> {
  const { user, tenant } = candidate;
  const opened = await arriving(context, candidate, async ({ breakGlass }, policy, password) => {
    await first?.(policy);
    // The policy may have been changed since the password was looked at, and passkeys been added.
    if (candidate.methods.includes('pwd') && password === 'nothing') throw new ChangedMeanwhile('Sign in again.');
    const lockIsOver = candidate.counter === accountKey(user.id);
    await writeAtTheEnd(lockIsOver ? SIGNED_IN_AFTER_LOCK : SIGNED_IN, [context.now, tenant.id, user.id]);
    // An account that was disavowed knows no browser any more, and its owner wants to hear of the next one.
    const neverBefore =
      user.lastSignedInAt === null &&
      (await KnownBrowser.count({ where: { tenantId: tenant.id, userId: user.id } })) === 0;
    // Whoever was signed in in this browser before is signed out by it.
    if (context.session && context.tenant)
      await Session.end({ tenantId: context.tenant.id, id: context.session.id }, context.now);
    // Without a code, the last time that all was proven is when the browser was remembered.
    const { session, sid } = await openSession(
      context,
      user,
      candidate.rememberedAt ?? context.now,
      candidate.methods,
      policy,
    );
    await rememberBrowser(context, candidate, browser);
    const details = {
      methods: candidate.methods,
      ...(candidate.newBrowser ? { newBrowser: true } : {}),
      ...(candidate.rememberedAt === null ? {} : { withoutCode: true }),
    };
    const arrived = { ...context, actor: null, session: { id: session.id } } as Context;
    await record(arrived, {
      event: 'sign-in.succeeded',
      tenantId: tenant.id,
      actorId: user.id,
      target: { type: 'user', id: user.id },
      details,
    });
    if (breakGlass) await tellOfUse(arrived, user, tenant);
    // The very first sign-in is always from a new browser; a mail about it would only teach people to ignore them.
    if (candidate.newBrowser && !neverBefore) {
      const variables = await issueDisavowal(context, user, 'sign-in.succeeded');
      await queueMail(context, { event: 'new-sign-in', to: user, tenant, variables });
    }
    return sid;
  });
  const last = lastProven(candidate, first !== undefined);
  context.services.meters.signedIn(last);
  // Any other proof has cleared its own.
  if (candidate.methods.includes('pwd')) await clearThrottles(context.services.database, candidate.counter);
  return opened;
}

function lastProven({ rememberedAt, methods }: SignInCandidate, more: boolean) {
  if (methods.includes('pass')) return 'access-pass';
  if (methods.includes('link')) return 'mailed-link';
  if (!methods.includes('pwd')) return methods.includes('recovery') ? 'recovery-code' : 'passkey';
  if (rememberedAt !== null) return 'remembered-browser';
  return more ? 'second-factor' : 'password';
}

/** Ends the running session in the store. */
export async function signOut(context: SignedInContext): Promise<void> {
  await actingNow(context, 'leaving', async (acting) => {
    await Session.end({ tenantId: acting.tenant.id, id: acting.session.id }, acting.now);
    // Whoever sits down at this browser next is not shown again what its forms were answered.
    await AnsweredForm.forget(acting.session.id);
    await UserJob.release(context.session.id);
    await record(acting, { event: 'sign-out', target: { type: 'user', id: context.user.id } });
  });
}

async function rememberBrowser(
  { now }: Context,
  { user, newBrowser }: SignInCandidate,
  browser: string,
): Promise<void> {
  const seen = [user.tenantId, user.id, hashToken(browser), now];
  // Whoever shares the commit asks whether there was one before.
  await (newBrowser ? writeInTransaction(SEEN.one, seen) : writeAtTheEnd(SEEN, seen));
}
