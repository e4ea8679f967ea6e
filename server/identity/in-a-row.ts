import { countThrottle, lookAtThrottles } from '#models/throttle.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';

/** NIST SP 800-63B-4, 3.2.2: no more wrong passwords in a row than these, however slowly they come. */
const MOST_IN_A_ROW = 100;
const FOR_GOOD = 3650 * DAY;

// Below the counter of strangers: a good sign-in of theirs, a new password and an unlock forget both.
const keyOf = (counter: string): string => `${counter}/in-a-row`;

/** Whether strangers are not looked at: for now, or until a new password or an administrator lets them be tried again. */
export async function isShut({ services }: Context, counter: string): Promise<boolean> {
  const now = services.clock.now();
  const [lock, inARow] = await lookAtThrottles(services.database, [counter, keyOf(counter)], now);
  return lock === undefined || lock.blockedUntil > 0 || (inARow?.points ?? MOST_IN_A_ROW) >= MOST_IN_A_ROW;
}

/** Counts a stranger's wrong password; true for the one after which no more are looked at. */
export async function countInARow({ services }: Context, counter: string): Promise<boolean> {
  const { points } = await countThrottle(services.database, keyOf(counter), FOR_GOOD, services.clock.now());
  return points === MOST_IN_A_ROW;
}

/** Tells log and owner that nobody signs in any more with a browser that is new. */
export async function tellOfShut(context: Context, user: User, tenant: TenantInContext): Promise<void> {
  await inTransaction(async () => {
    const target = { type: 'user', id: user.id } as const;
    const lockedUntil = context.services.clock.now() + FOR_GOOD;
    await User.update({ lockedUntil }, { where: { tenantId: user.tenantId, id: user.id } });
    await record(context, { event: 'account.shut', tenantId: tenant.id, actorId: null, target });
    if (user.status === 'active') await queueMail(context, { event: 'account-shut', to: user, tenant, variables: {} });
  });
}
