import type { Context } from '#server/context.js';
import { Conflict, Invalid, TooMany } from '#server/errors.js';
import { proveRecoveryCode } from '#server/identity/prove-recovery-code.js';
import { completeSignIn } from '../sign-in/actions.js';
import { activate } from '#server/identity/factor.js';
import { proveCode, type CodeOwner } from '#server/identity/code.js';
import { codeCounter, type OpenChallenge } from '#server/identity/challenge.js';

/** Completes the sign-in with a code of the app. */
export async function answerWithCode(
  context: Context,
  open: OpenChallenge,
  code: string,
  browser: string,
): Promise<string> {
  await withTry(open, async () => proveCode(context, await ownerOf(open), code, 'active'));
  return arrive(context, open, browser);
}

/** Completes the sign-in with a recovery code, which is then burned. */
export async function answerWithRecoveryCode(
  context: Context,
  open: OpenChallenge,
  typed: string,
  browser: string,
): Promise<string> {
  await withTry(open, async () => proveRecoveryCode(context, await ownerOf(open), typed));
  return arrive(context, open, browser);
}

/** Finishes a pending set-up with its first code, and the sign-in with it; gives the id of the session, and the recovery codes. */
export async function answerWithSetup(
  context: Context,
  open: OpenChallenge,
  code: string,
  browser: string,
): Promise<{ sid: string; codes: string[] }> {
  await withTry(open, () => proveCode(context, open, code, 'pending'));
  let codes: string[] = [];
  const sid = await arrive(context, open, browser, async () => {
    codes = await activate(context, open);
  });
  return { sid, codes };
}

async function ownerOf(open: OpenChallenge): Promise<CodeOwner> {
  return { user: open.user, tenant: open.tenant, counter: await codeCounter(open) };
}

// The try is taken before the code is looked at: any number of guesses at once are five.
async function withTry({ challenge }: OpenChallenge, check: () => Promise<void>): Promise<void> {
  if (!(await challenge.takeTry()))
    throw new TooMany('Too many wrong codes for this sign-in. Begin again with your password.', 1);
  try {
    await check();
  } catch (error) {
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
  first?: () => Promise<void>,
): Promise<string> {
  const { counter, newBrowser } = challenge;
  return completeSignIn(context, { user, tenant, counter, newBrowser, rememberedAt: null }, browser, async () => {
    if (!(await challenge.end(context.now)))
      throw new Conflict('This sign-in has just been completed elsewhere. Sign in again.');
    await first?.();
  });
}
