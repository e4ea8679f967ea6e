import { Challenge } from '#models/challenge.js';
import { Passkey } from '#models/passkey.js';
import { KnownBrowser } from '#models/known-browser.js';
import { TotpSecret } from '#models/totp-secret.js';
import { inTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { hashToken } from '#server/lib/random-token.js';
import { record } from '#server/trace/record.js';
import type { SignInCandidate } from './check-credentials.js';
import type { FactorName } from './factors.js';
import { accountKey, codeKey } from './counters.js';
import type { CodeOwner } from './code.js';

/** The challenge and whose it is, as the request found them. */
export interface OpenChallenge extends Omit<CodeOwner, 'counter'> {
  challenge: Challenge;
  /** The kinds of factor by which it can be passed. */
  factors: readonly FactorName[];
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

/** The counter of wrong codes that a challenge stands on: its browser's own, where that has passed this second factor before. */
export async function codeCounter({ challenge, user, tenant }: OpenChallenge): Promise<string> {
  const before = `${accountKey(user.id)}/`;
  if (!challenge.counter.startsWith(before)) return codeKey(user.id);
  const browserHash = challenge.counter.slice(before.length);
  const app = await TotpSecret.findByPk(user.id, { attributes: ['confirmedAt'] });
  const oldest = await Passkey.min<number, Passkey>('createdAt', {
    where: { tenantId: user.tenantId, userId: user.id },
  });
  // Known for a password alone, from the days before, it has proven nothing of the kind.
  const since = app?.confirmedAt ?? oldest ?? Infinity;
  const browser = await KnownBrowser.findOne({ where: { tenantId: tenant.id, userId: user.id, browserHash } });
  return browser && browser.lastUsedAt >= since ? codeKey(user.id, browserHash) : codeKey(user.id);
}
