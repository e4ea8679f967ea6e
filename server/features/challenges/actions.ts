import { Challenge } from '#models/challenge.js';
import type { Context } from '#server/context.js';
import { Conflict, Invalid, TooMany } from '#server/errors.js';
import { hashToken } from '#server/lib/random-token.js';
import { proveRecoveryCode } from '../recovery-codes/actions.js';
import { completeSignIn } from '../sign-in/actions.js';
import type { SignInCandidate } from '../sign-in/check-credentials.js';
import { activate } from '../two-factor/actions.js';
import { proveCode, type CodeOwner } from '../two-factor/code.js';

/** The challenge and whose it is, as the request found them. */
export interface OpenChallenge extends CodeOwner {
  challenge: Challenge;
}

/** What a completed challenge becomes: a session with this id, in this browser. */
export interface Arrival {
  sid: string;
  browser: string;
}

/** Opens the challenge that stands between a right password and the second factor; `token` goes into a cookie. */
export async function openChallenge(
  context: Context,
  { user, tenant, counter, newBrowser }: SignInCandidate,
  token: string,
  next: string,
): Promise<void> {
  await Challenge.create({
    tokenHash: hashToken(token),
    tenantId: tenant.id,
    userId: user.id,
    epoch: user.epoch,
    counter,
    newBrowser,
    next,
    createdAt: context.now,
  });
}

/** Completes the sign-in with a code of the app. */
export async function answerWithCode(
  context: Context,
  open: OpenChallenge,
  code: string,
  arrival: Arrival,
): Promise<void> {
  await withTry(open, () => proveCode(context, open, code, 'active'));
  await arrive(context, open, arrival);
}

/** Completes the sign-in with a recovery code, which is then burned. */
export async function answerWithRecoveryCode(
  context: Context,
  open: OpenChallenge,
  typed: string,
  arrival: Arrival,
): Promise<void> {
  await withTry(open, () => proveRecoveryCode(context, open, typed));
  await arrive(context, open, arrival);
}

/** Finishes a pending set-up with its first code, and the sign-in with it; gives the recovery codes. */
export async function answerWithSetup(
  context: Context,
  open: OpenChallenge,
  code: string,
  arrival: Arrival,
): Promise<string[]> {
  await withTry(open, () => proveCode(context, open, code, 'pending'));
  let codes: string[] = [];
  await arrive(context, open, arrival, async () => {
    codes = await activate(context, open);
  });
  return codes;
}

/** Leaves a sign-in half done. */
export async function abandonChallenge(context: Context, { challenge }: OpenChallenge): Promise<void> {
  await challenge.end(context.now);
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
  { sid, browser }: Arrival,
  first?: () => Promise<void>,
): Promise<void> {
  const { counter, newBrowser } = challenge;
  await completeSignIn(context, { user, tenant, counter, newBrowser, rememberedAt: null }, sid, browser, async () => {
    if (!(await challenge.end(context.now)))
      throw new Conflict('This sign-in has just been completed elsewhere. Sign in again.');
    await first?.();
  });
}
