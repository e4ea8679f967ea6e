import { inTransaction } from '#models/transaction.js';
import { clearThrottles, LONGEST_BLOCK, lookAtThrottle, punishThrottle, type BeforeProof } from '#models/throttle.js';
import { TotpSecret } from '#models/totp-secret.js';
import type { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { Invalid, TooMany } from '#server/errors.js';
import { DAY, MINUTE, SECOND } from '#server/lib/clock.js';
import { totpStep } from '#server/lib/totp.js';
import { queueMail } from '#server/mail/outbox.js';
import { clockText, spanText } from '#server/mail/words.js';
import type { EventName } from '#server/trace/events.js';
import { record } from '#server/trace/record.js';
import { recordRepeated } from '#server/trace/repeated.js';
import { openSecret } from './totp-secret.js';
import { codeKey } from './counters.js';

/**
 * Wrong codes of an account, over all places that take one; apart from the counter of wrong passwords. They are
 * remembered for longer than the longest block, so that who goes on guessing does not begin again with a short one.
 */
const LIMIT = { failures: 10, windowMs: 2 * DAY, blockMs: 15 * MINUTE, longestBlockMs: LONGEST_BLOCK };

/** What is said of a proof that was wrong, beside which field, and to the log. */
export interface WrongProof {
  field: string;
  message: string;
  event: EventName;
  /** False of a signature, at which guessing is no use. */
  guessable?: boolean;
}

const WRONG: WrongProof = {
  field: 'code',
  message: 'This code is not right. Enter the newest one that your app shows; each works only once.',
  event: 'two-factor.failed',
};

const DAMAGED = {
  active:
    'What was kept of your app is damaged, so no code can be checked. Use a recovery code, or ask an administrator to reset your two-factor authentication.',
  pending:
    'What was kept of this set-up is damaged, so no code can be checked. Begin it again, or ask an administrator to reset your two-factor authentication.',
};

/** What a code is checked for: whose it is to be, and where it was asked for. */
export interface CodeOwner {
  user: User;
  tenant: TenantInContext;
  /** The counter of wrong codes that it stands on, where that is not the one of strangers. */
  counter?: string;
}

/**
 * Proves that `code` is one of the user's app, in the state that is asked for, and takes its time step, so that it
 * can never be used again, here or elsewhere. Throws `Invalid` against the field `code`, or `TooMany`.
 */
export async function proveCode(
  context: Context,
  owner: CodeOwner,
  code: string,
  state: 'pending' | 'active',
): Promise<void> {
  await underCodeLock(context, owner, async () => {
    const { user } = owner;
    const row = user.twoFactor === state ? await TotpSecret.findByPk(user.id) : null;
    if (row === null) return false;
    const secret = openSecret(context, row);
    if (secret === null) throw Invalid.field('code', DAMAGED[state]);
    const step = totpStep(secret, code, context.services.clock.now());
    return step !== null && (await takeStep(context, row, secret, step));
  });
}

async function takeStep(context: Context, row: TotpSecret, secret: string, step: number): Promise<boolean> {
  if (await row.takeStep(step)) return true;
  // Sealed anew meanwhile, under a new key, it is the same secret still.
  const anew = await TotpSecret.findByPk(row.userId);
  return (
    anew !== null &&
    anew.sealedSecret !== row.sealedSecret &&
    openSecret(context, anew) === secret &&
    (await anew.takeStep(step))
  );
}

/**
 * Runs a check of a second factor under the lock of codes. The try is counted before the check and given
 * back when it was right: parallel guesses cannot run past the lock, and two right codes at once cannot both count.
 */
export async function underCodeLock(
  context: Context,
  owner: CodeOwner,
  check: () => Promise<boolean>,
  { field, message, event, guessable = true }: WrongProof = WRONG,
): Promise<void> {
  const key = owner.counter ?? codeKey(owner.user.id);
  const run = guessable ? underLock : underLockOfFailures;
  await run(context, key, check, async (blockedUntil) => {
    await tellOfWrongProof(context, owner, event, blockedUntil);
    throw Invalid.field(field, message);
  });
}

/** The same for a counter that need be nobody's: `refuse` tells of a wrong one, and throws. */
export async function underLock(
  { services: { database, clock } }: Pick<Context, 'services'>,
  key: string,
  check: () => Promise<boolean>,
  refuse: (blockedUntil: number) => Promise<never>,
): Promise<void> {
  const now = clock.now();
  const before = await lookAtThrottle(database, key, now);
  if (before.blockedUntil > 0) throw locked(before.blockedUntil, now);
  const { points, blockedUntil } = await punishThrottle(database, key, LIMIT, now);
  // With no points the block begins with this very try, which is the last that is looked at.
  if (blockedUntil > 0 && points > 0) throw locked(blockedUntil, now);
  if (!(await check())) return refuse(blockedUntil);
  await clearThrottles(database, key);
}

/**
 * The same for a proof at which guessing is no use: a wrong one is counted once it has been looked at, so that any number of right
 * ones at once are all let in. A code that is sent meanwhile is counted before, as ever, and finds what these have left.
 * `looked` is what the caller has just read of the counter.
 */
export async function underLockOfFailures(
  { services: { database, clock } }: Pick<Context, 'services'>,
  key: string,
  check: () => Promise<boolean>,
  refuse: (blockedUntil: number) => Promise<never>,
  looked?: BeforeProof,
): Promise<void> {
  const now = clock.now();
  const before = looked?.own ?? (await lookAtThrottle(database, key, now));
  if (before.blockedUntil > 0) throw locked(before.blockedUntil, now);
  if (await check()) {
    if (looked?.counted !== false) await clearThrottles(database, key);
    return;
  }
  const { points, blockedUntil } = await punishThrottle(database, key, LIMIT, now);
  // Of those that were under way when the block began, it began with one.
  return refuse(points === 0 ? blockedUntil : 0);
}

/** Tells log and, where codes are locked by it, the owner of a proof that was wrong. */
export async function tellOfWrongProof(
  context: Context,
  { user, tenant }: CodeOwner,
  event: EventName,
  blockedUntil: number,
): Promise<void> {
  const target = { type: 'user', id: user.id } as const;
  // Half signed in, nobody knows who it is; and who else is signed in in this browser has no part in it.
  const actorId = context.user?.id === user.id ? user.id : null;
  await inTransaction(async () => {
    await recordRepeated(context, { event, tenantId: tenant.id, actorId, target });
    if (blockedUntil === 0) return;
    const lockedFor = spanText(blockedUntil - context.services.clock.now(), user.locale);
    await record(context, { event: 'two-factor.locked', tenantId: tenant.id, actorId, target, details: { lockedFor } });
    await queueMail(context, { event: 'two-factor-locked', to: user, tenant, variables: { lockedFor } });
  });
}

function locked(until: number, now: number): TooMany {
  return new TooMany(
    `Too many wrong codes. Wait ${spanText(until - now, 'en')}, until ${clockText(until)}, and try again.`,
    (until - now) / SECOND,
  );
}
