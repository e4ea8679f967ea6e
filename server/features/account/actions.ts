import { Tenant } from '#models/tenant.js';
import { clearThrottles } from '#models/throttle.js';
import { canonicalUsername } from '#policies/names.js';
import type { SignedInContext } from '#server/context.js';
import { ChangedMeanwhile, Invalid } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { forgetUser } from '#server/identity/user.js';
import { lookUpOwn, proveOwnCode, proveOwnPassword, provesByPassword } from '#server/identity/prove.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import { beginLeaving } from './leaving.js';

export interface AccountRemoval {
  username: string;
  password: string;
  code: string;
  /** How many days of grace the page spoke of. */
  days?: number | undefined;
}

/** For how many days somebody of the caller's organisation can take the removal of their own account back. */
export async function daysOfGrace({ tenant }: SignedInContext): Promise<number> {
  return (await Tenant.findByPk(tenant.id, { rejectOnEmpty: true })).accountRemovalDays;
}

/**
 * Deletes the caller's own account, once they have typed its username and proven who they are: at once and for good, or,
 * where the organisation gives days of grace, at their end. Gives when that is; null when it has gone. All that is
 * kept of the person goes with it; the log keeps the id. Throws `Invalid`, also for the last owner of a tenant.
 */
export async function deleteOwnAccount(context: SignedInContext, typed: AccountRemoval): Promise<number | null> {
  const { services, tenant } = context;
  if (canonicalUsername(typed.username) !== canonicalUsername(context.user.username)) {
    throw Invalid.field('username', 'This is not your username. Type it as it stands above.');
  }
  const { id: userId, epoch } = provesByPassword(context)
    ? await proveOwnPassword(context, typed.password, 'password')
    : await lookUpOwn(context);
  await proveOwnCode(context, typed.code);
  const goesAt = await actingNow(
    context,
    'own',
    async (acting) => {
      if (acting.user.epoch !== epoch) throw new ChangedMeanwhile('Sign in again.');
      const days = await daysOfGrace(acting);
      // Whoever was promised that they could come back must not be gone.
      if (typed.days !== undefined && typed.days !== days)
        throw Invalid.field('', 'Your organisation has just changed when accounts go. Read the page again.');
      const { top } = acting.actor;
      const at = days > 0 ? await beginLeaving(acting, days) : null;
      if (at === null) await forgetUser(acting, tenant.id, userId);
      if (top) await keepAnOwner(acting);
      if (at === null) await record(acting, { event: 'account.deleted', target: { type: 'user', id: userId } });
      return at;
    },
    { organisation: true },
  );
  if (goesAt === null) await clearThrottles(services.database, `account/${userId}`);
  return goesAt;
}
