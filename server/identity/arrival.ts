import type { SecurityPolicy } from '#models/security-policy.js';
import { readArriving } from '#models/sign-in-reads.js';
import { inShortTransaction } from '#models/shared-commit.js';
import { readInTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import type { PasswordReach } from '#policies/authentication.js';
import type { Context, TenantInContext } from '#server/context.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { hold } from './acting.js';
import { refuseOutside } from './admission.js';
import { hasGone } from './gone.js';
import { reachFrom } from './password-reach.js';
import { isShutOut } from './shut-out.js';

/**
 * The entrance of a write for who is being let in: nobody is signed in yet, and what they have proven was proven a wait
 * ago. In one transaction this takes the locks in the order of `actingNow` and reads user, organisation and address rule
 * again; `work` is given the user and the policy as they are now, and what their password opens. Throws `ChangedMeanwhile` when the account is no longer what was proven, `Outside`.
 */
export async function arriving<T>(
  context: Context,
  { user, tenant }: { user: Pick<User, 'id' | 'tenantId' | 'epoch'>; tenant: TenantInContext },
  work: (user: User, policy: SecurityPolicy, password: PasswordReach) => Promise<T>,
): Promise<T> {
  const { id, tenantId, epoch } = user;
  return inShortTransaction(context.services.database, async () => {
    await hold(context.services, tenantId, [id]);
    const still = await readArriving(context.services.database.dialect, readInTransaction, { tenantId, id, epoch });
    const gone = !still || (await hasGone(readInTransaction, still.user, context.services.clock.now()));
    if (gone || tenant.id !== tenantId) throw new ChangedMeanwhile('Sign in again.');
    if (await isShutOut(still.user, still.policy, context.ip)) refuseOutside();
    return work(still.user, still.policy, reachFrom(still.reach, still, context.now));
  });
}
