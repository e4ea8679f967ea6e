import { clearThrottles } from '#models/throttle.js';
import { canonicalUsername } from '#policies/names.js';
import type { SignedInContext } from '#server/context.js';
import { ChangedMeanwhile, Invalid } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { forgetUser } from '#server/identity/user.js';
import { proveOwnCode, proveOwnPassword } from '#server/identity/prove.js';
import { keepAnOwner } from '#server/identity/last-owner.js';

export interface AccountRemoval {
  username: string;
  password: string;
  code: string;
}

/**
 * Deletes the caller's own account for good, once they have typed its username and proven who they are. All that is
 * kept of the person goes with it; the log keeps the id. Throws `Invalid`, also for the last owner of a tenant.
 */
export async function deleteOwnAccount(context: SignedInContext, typed: AccountRemoval): Promise<void> {
  const { services, tenant } = context;
  if (canonicalUsername(typed.username) !== canonicalUsername(context.user.username)) {
    throw Invalid.field('username', 'This is not your username. Type it as it stands above.');
  }
  const { id: userId, epoch } = await proveOwnPassword(context, typed.password, 'password');
  await proveOwnCode(context, typed.code);
  await actingNow(
    context,
    'own',
    async (acting) => {
      if (acting.user.epoch !== epoch) throw new ChangedMeanwhile('Sign in again.');
      const { top } = acting.actor;
      await forgetUser(acting, tenant.id, userId);
      if (top) await keepAnOwner(acting);
      await record(acting, { event: 'account.deleted', target: { type: 'user', id: userId } });
    },
    { organisation: true },
  );
  await clearThrottles(services.database, `account/${userId}`);
}
