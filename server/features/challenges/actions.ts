import type { SecurityPolicy } from '#models/security-policy.js';
import { together, type Method } from '#policies/authentication.js';
import type { Context } from '#server/context.js';
import { Conflict, Invalid, TooMany } from '#server/errors.js';
import { completeSignIn } from '../sign-in/actions.js';
import { countFailure, refuseFailingAddress } from '#server/identity/address-limit.js';
import { refuseHeld } from '#server/identity/enrolment.js';
import { activate } from '#server/identity/factor.js';
import { proveCode } from '#server/identity/code.js';
import { kindNamed } from '#server/identity/factor-kind.js';
import { codeCounter, passChallenge, type OpenChallenge } from '#server/identity/challenge.js';

/** What a passkey is asked for in the middle of this sign-in. */
export function aboutChallenge({ challenge }: OpenChallenge): string {
  return `second factor of ${challenge.id}`;
}

/** Completes the sign-in with a factor of this kind. */
export async function answerWith(
  context: Context,
  open: OpenChallenge,
  { factor, given }: { factor: string; given: string },
  browser: string,
): Promise<string> {
  const shown = await withTry(context, open, async () => {
    const owner = { user: open.user, tenant: open.tenant, counter: await codeCounter(open) };
    return kindNamed(factor).prove(context, owner, given, aboutChallenge(open));
  });
  return arrive(context, open, browser, shown, (policy) => {
    // Switched off since the page asked for it.
    if (!kindNamed(factor).asked(policy))
      throw new Conflict('Your organisation does not use this any more. Sign in again.');
  });
}

/** Finishes a pending set-up with its first code, and the sign-in with it; gives the id of the session, and the recovery codes. */
export async function answerWithSetup(
  context: Context,
  open: OpenChallenge,
  code: string,
  browser: string,
): Promise<{ sid: string; codes: string[] }> {
  // Whoever has another factor is asked for that: what the next page shows to who has the password proves nothing.
  if (open.factors.length > 0)
    throw new Conflict('Sign in with the second factor that you have, and finish the set-up then.');
  refuseHeld(open.user, []);
  await withTry(context, open, () => proveCode(context, open, code, 'pending'));
  let codes: string[] = [];
  const sid = await arrive(context, open, browser, ['otp'], async () => {
    codes = await activate(context, open);
  });
  return { sid, codes };
}

// The try is taken before the code is looked at: any number of guesses at once are five.
async function withTry<T>(context: Context, { challenge }: OpenChallenge, check: () => Promise<T>): Promise<T> {
  const { services, ip } = context;
  // A browser that is known has its tries, and the lock of its own counter; what others fail at its address is not held against it.
  if (challenge.newBrowser) await refuseFailingAddress(services, ip);
  if (!(await challenge.takeTry()))
    throw new TooMany('Too many wrong codes for this sign-in. Begin again with your password.', 1);
  try {
    return await check();
  } catch (error) {
    if (error instanceof Invalid && challenge.newBrowser) await countFailure(services, ip);
    if (!(error instanceof Invalid) || !challenge.onLastTry()) throw error;
    throw new Invalid(
      error.errors.map(({ field, message }) => ({
        field,
        message: `${message} That was the last try: begin again with your password.`,
      })),
    );
  }
}

async function arrive(
  context: Context,
  { challenge, user, tenant }: OpenChallenge,
  browser: string,
  shown: readonly Method[],
  first: (policy: SecurityPolicy) => void | Promise<void>,
): Promise<string> {
  const { counter, newBrowser } = challenge;
  const methods = together(['pwd', 'mfa'], shown);
  return completeSignIn(
    context,
    { user, tenant, counter, newBrowser, rememberedAt: null, methods },
    browser,
    async (policy) => {
      if (!(await passChallenge(context, challenge)))
        throw new Conflict('This sign-in has just been completed elsewhere. Sign in again.');
      await first(policy);
    },
  );
}
