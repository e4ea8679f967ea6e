import { Challenge } from '#models/challenge.js';
import { inTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { hashToken } from '#server/lib/random-token.js';
import { record } from '#server/trace/record.js';
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
  // A right password is news by itself: whoever stops at the code has learnt that it is right.
  await inTransaction(async () => {
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
    const target = { type: 'user', id: user.id } as const;
    const details = newBrowser ? { newBrowser } : {};
    await record(context, { event: 'sign-in.password-accepted', tenantId: tenant.id, actorId: null, target, details });
  });
}

/** Leaves a sign-in half done. */
export async function abandonChallenge(context: Context, { challenge }: OpenChallenge): Promise<void> {
  await challenge.end(context.now);
}
