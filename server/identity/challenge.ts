import { Op } from 'sequelize';
import { newId } from '#models/columns.js';
import { Challenge } from '#models/challenge.js';
import { KnownBrowser } from '#models/known-browser.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { inTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import type { SignInCandidate } from './check-credentials.js';
import { issueDisavowal } from './disavowal-link.js';
import { accountKey, codeKey } from './counters.js';
import type { CodeOwner } from './code.js';
import { factorSince } from './factors.js';

const NOTICE = 'sign-in-stopped';

/** The challenge and whose it is, as the request found them. */
export interface OpenChallenge extends Omit<CodeOwner, 'counter'> {
  challenge: Challenge;
  /** The kinds of factor by which it can be passed. */
  factors: readonly string[];
}

/**
 * Opens the challenge that stands between a right password and the second factor; `token` goes into a cookie, and `before`
 * has come out of it: whoever begins anew in the same browser is told of once.
 */
export async function openChallenge(
  context: Context,
  { user, tenant, counter, newBrowser }: SignInCandidate,
  token: string,
  next: string,
  before: string | null,
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
      noticeId: newBrowser ? await noticeOf(context, user, tenant, before) : null,
      createdAt: context.now,
    });
    const target = { type: 'user', id: user.id } as const;
    const details = newBrowser ? { newBrowser } : {};
    await record(context, { event: 'sign-in.password-accepted', tenantId: tenant.id, actorId: null, target, details });
  });
}

// A right password is the best sign there is that somebody else knows it. The mail goes when no code has come in time.
async function noticeOf(
  context: Context,
  user: User,
  tenant: TenantInContext,
  before: string | null,
): Promise<string | null> {
  const userId = user.id;
  const former = before === null ? null : await Challenge.findOne({ where: { tokenHash: hashToken(before), userId } });
  if (former?.noticeId) return former.noticeId;
  const today = { tenantId: tenant.id, userId, event: NOTICE, createdAt: { [Op.gt]: context.now - DAY } };
  if ((await OutboxMessage.count({ where: today })) > 0) return null;
  const variables = await issueDisavowal(context, user, 'sign-in.password-accepted');
  const later = { id: newId(), at: context.now + Challenge.LIFE };
  await queueMail(context, { event: NOTICE, to: user, tenant, variables, later });
  return later.id;
}

/** Ends a challenge that was passed: true for exactly one of any number of callers. Nobody is told that it stopped. Inside a transaction. */
export async function passChallenge(context: Context, challenge: Challenge): Promise<boolean> {
  if (!(await challenge.end(context.now))) return false;
  if (challenge.noticeId !== null) await OutboxMessage.takeBack(challenge.noticeId);
  return true;
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
  // Known for a password alone, from the days before, it has proven nothing of the kind.
  const since = (await factorSince(user)) ?? Infinity;
  const browser = await KnownBrowser.findOne({ where: { tenantId: tenant.id, userId: user.id, browserHash } });
  return browser && browser.lastUsedAt >= since ? codeKey(user.id, browserHash) : codeKey(user.id);
}
