import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { hold } from './acting.js';
import { refuseOutside } from './admission.js';
import { isShutOut } from './shut-out.js';

/**
 * The entrance of a write for who is being let in: nobody is signed in yet, and what they have proven was proven a wait
 * ago. In one transaction this takes the locks in the order of `actingNow` and reads user, organisation and address rule
 * again; `work` is given the user as they are now. Throws `ChangedMeanwhile` when the account is no longer what was proven, `Outside`.
 */
export async function arriving<T>(
  context: Context,
  { user, tenant }: { user: Pick<User, 'id' | 'tenantId' | 'epoch'>; tenant: TenantInContext },
  work: (user: User) => Promise<T>,
): Promise<T> {
  const { id, tenantId, epoch } = user;
  return inTransaction(async () => {
    await hold(context.services, tenantId, [id]);
    const still = await User.findOne({ where: { tenantId, id, epoch, status: 'active' } });
    if (!still || (await Tenant.count({ where: { id: tenant.id, status: 'active' } })) !== 1)
      throw new ChangedMeanwhile('Sign in again.');
    if (await isShutOut(still, await SecurityPolicy.of(tenantId), context.ip)) refuseOutside();
    return work(still);
  });
}
