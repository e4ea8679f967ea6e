import { inTransaction } from '#models/transaction.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { clearThrottles } from '#models/throttle.js';
import { User } from '#models/user.js';
import { canonicalUsername } from '#policies/names.js';
import type { SignedInContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { proveOwnCode, proveOwnPassword } from '#server/identity/prove.js';
import { keepLastOwner } from '#server/identity/last-owner.js';

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
  await inTransaction(async () => {
    await keepLastOwner(context, userId);
    const gone = await User.destroy({ where: { tenantId: tenant.id, id: userId, epoch } });
    if (gone !== 1) throw new Conflict('This account was changed a moment ago. Sign in again.');
    // Mails outlive their user, for the mail log; these hold the name and the address.
    await OutboxMessage.destroy({ where: { tenantId: tenant.id, userId } });
    await record(context, { event: 'account.deleted', target: { type: 'user', id: userId } });
  });
  await clearThrottles(services.database, `account/${userId}`);
}
