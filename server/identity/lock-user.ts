import { Transaction } from 'sequelize';
import { User } from '#models/user.js';
import { NotFound } from '#server/errors.js';

/**
 * The user as the row is now, and stays until the running transaction ends. Whatever issues or takes a link does this
 * first, so that two at once wait for each other, in one order, in place of meeting in the index or in a deadlock.
 */
export async function lockUser(tenantId: string, userId: string): Promise<User> {
  const user = await User.findOne({ where: { tenantId, id: userId }, lock: Transaction.LOCK.NO_KEY_UPDATE });
  if (!user) throw new NotFound();
  return user;
}
