import { countThrottle, longestBlock, openThrottles } from '#models/throttle.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { codeKey } from '#server/identity/counters.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import { nameOf } from '#server/identity/name-of.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';

const MOST_A_DAY = 3;

/** Until when no code of this account is looked at, after too many wrong ones; null while they are. */
export async function codesLockedUntil({ services, now }: TenantContext, userId: string): Promise<number | null> {
  const blockedUntil = await longestBlock(services.database, codeKey(userId), now);
  return blockedUntil > 0 ? blockedUntil : null;
}

/**
 * Counts that the lock of codes is about to be opened. Throws `Conflict` for the fourth time within a day: more would be
 * a way to guess. Not for who is at the machine itself. Outside transactions.
 */
export async function countOpening({ services, now, actor }: TenantContext, userId: string): Promise<void> {
  if (actor.kind !== 'user') return;
  const { points } = await countThrottle(services.database, `codes-opened/${userId}`, DAY, now);
  if (points > MOST_A_DAY)
    throw new Conflict('The codes of this account have been opened three times today. The lock ends by itself.');
}

/** Opens the lock of wrong codes. That there was one is kept, and the next is longer. Outside transactions. */
export async function openCodeLock({ services }: TenantContext, userId: string): Promise<void> {
  await openThrottles(services.database, codeKey(userId));
}

/** Tells log and owner that their lock of codes was opened, and why. Inside a write. */
export async function traceCodesOpened(acting: TenantContext, user: User, reason: string): Promise<void> {
  await record(acting, {
    event: 'two-factor.unlocked',
    target: { type: 'user', id: user.id },
    details: { reason },
    personal: ['reason'],
  });
  const variables = { ...(await issueDisavowal(acting, user, 'two-factor.locked')), by: nameOf(acting) };
  await queueMail(acting, { event: 'codes-unlocked', to: user, tenant: acting.tenant, variables });
}

/** The reason that was given. Throws `Invalid` where none was. */
export function demandReason(reason: string): string {
  if (reason.trim() === '') throw Invalid.field('reason', 'Say why: it goes into the security log.');
  return reason.trim();
}
