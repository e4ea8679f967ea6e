import type { User } from '#models/user.js';
import type { UserContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { lockUser } from '../links/issue.js';

/**
 * The caller's own row, locked until the running transaction ends, for adding what signs in as them, or by their
 * leave. Throws `Conflict` when the account was changed since this request was let in: whoever has just been thrown out
 * must not leave a credential behind by a request that was under way.
 */
export async function lockOwner({ tenant, user }: UserContext): Promise<User> {
  const row = await lockUser(tenant.id, user.id);
  if (row.epoch !== user.epoch || row.status !== 'active')
    throw new Conflict('This account was changed a moment ago. Sign in again.');
  return row;
}
