import { lookAtThrottle, punishThrottle, type Limit } from '#models/throttle.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { TooMany } from '#server/errors.js';
import { DAY, MINUTE, SECOND } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { clockText, spanText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';

function limit(threshold: number): Limit {
  return { failures: threshold, windowMs: DAY, blockMs: 5 * MINUTE, longestBlockMs: 60 * MINUTE };
}

/** Throws `TooMany` while the counter is blocked. */
export async function refuseWhileLocked(context: Context, key: string): Promise<void> {
  const now = context.services.clock.now();
  const { blockedUntil } = await lookAtThrottle(context.services.database, key, now);
  if (blockedUntil > 0) throw locked(blockedUntil, now);
}

/** Counts a wrong password; gives the time until which this failure, by being the last that was allowed, blocks the counter, else null. */
export async function countWrongPassword(context: Context, key: string, threshold: number): Promise<number | null> {
  const now = context.services.clock.now();
  const { points, blockedUntil } = await punishThrottle(context.services.database, key, limit(threshold), now);
  return points === 0 && blockedUntil > 0 ? blockedUntil : null;
}

/** Tells log and owner that the account has been locked, and until when. A name that is nobody's is locked alike, and only the log hears of it. */
export async function tellOfLock(
  context: Context,
  user: User | null,
  tenant: TenantInContext,
  until: number,
): Promise<void> {
  const minutes = Math.ceil((until - context.services.clock.now()) / MINUTE);
  const event = { event: 'account.locked', tenantId: tenant.id, actorId: null } as const;
  await inTransaction(async () => {
    if (!user) {
      await record(context, { ...event, details: { minutes, reason: 'unknown user' } });
      return;
    }
    await User.update({ lockedUntil: until }, { where: { tenantId: user.tenantId, id: user.id } });
    await record(context, { ...event, target: { type: 'user', id: user.id }, details: { minutes } });
    if (user.status !== 'active') return;
    await queueMail(context, {
      event: 'account-locked',
      to: user,
      tenant,
      variables: { lockedFor: spanText(minutes * MINUTE, user.locale) },
    });
  });
}

function locked(until: number, now: number): TooMany {
  const minutes = Math.ceil((until - now) / MINUTE);
  const wait = minutes === 1 ? 'one minute' : `${minutes} minutes`;
  return new TooMany(
    `Too many failed tries. Wait ${wait}, until ${clockText(until)}, and try again, or use the link for a forgotten password.`,
    (until - now) / SECOND,
  );
}
