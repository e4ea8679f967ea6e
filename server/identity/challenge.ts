import { Challenge } from '#models/challenge.js';
import type { Context } from '#server/context.js';
import { hashToken } from '#server/lib/random-token.js';
import type { SignInCandidate } from './check-credentials.js';
import type { CodeOwner } from './code.js';

/** The challenge and whose it is, as the request found them. */
export interface OpenChallenge extends CodeOwner {
  challenge: Challenge;
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

/** Leaves a sign-in half done. */
export async function abandonChallenge(context: Context, { challenge }: OpenChallenge): Promise<void> {
  await challenge.end(context.now);
}
