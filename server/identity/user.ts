import { inTransaction } from '#models/transaction.js';
import type { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { Actor } from '#policies/actor.js';
import { standingOf } from '#policies/role.js';
import { type TargetUser } from '#policies/user.js';
import type { TenantContext, UserContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { lockTenant } from './tenant.js';
import { Transaction } from 'sequelize';

import { OutboxMessage } from '#models/outbox-message.js';

/** A user with the roles they hold. */
export type UserWithRoles = User & { roles: Role[] };

/** The user of this id in the tenant of the context; another tenant's is not found. */
export async function findUser(context: TenantContext, userId: string): Promise<UserWithRoles> {
  const user = await User.inTenant(context.tenant.id, userId);
  if (!user) throw new NotFound();
  user.roles ??= [];
  return user as UserWithRoles;
}

/** What the rules look at of a user. */
export function targetOf(user: UserWithRoles): TargetUser {
  return { id: user.id, tenantId: user.tenantId, ...standingOf(user.roles) };
}

/**
 * Does something to one user, in one transaction. The tenant is locked first and the user read after that, so that the
 * rule is asked about the user as they are: whoever has just been given more than the actor has is out of reach.
 */
export async function actOnUser<T>(
  context: TenantContext,
  userId: string,
  rule: (actor: Actor, target: TargetUser) => boolean,
  act: (user: UserWithRoles) => Promise<T>,
): Promise<T> {
  return inTransaction(async () => {
    await lockTenant(context.tenant.id);
    const user = await findUser(context, userId);
    if (!rule(context.actor, targetOf(user))) throw refusal(context.actor, user);
    return act(user);
  });
}

/** Changes the row of a user that `actOnUser` has found; throws `Conflict` when it was changed since, by whatever door. */
export async function changeRow(user: User, values: Partial<User['_attributes']>): Promise<void> {
  const { tenantId, id, epoch } = user;
  const [changed] = await User.update(values, { where: { tenantId, id, epoch } });
  if (changed !== 1) throw new Conflict('This account was changed a moment ago. Reload the page and try again.');
}

function refusal(actor: Actor, user: User): Forbidden {
  if (actor.id === user.id)
    return new Forbidden(
      'You cannot do this to your own account here. Use the Security page, or ask another administrator.',
    );
  return new Forbidden(
    'You cannot change this account, because it may do more than yours. Ask somebody who may do as much.',
  );
}

/**
 * The user as the row is now, and stays until the running transaction ends. Whatever issues or takes a link does this
 * first, so that two at once wait for each other, in one order, in place of meeting in the index or in a deadlock.
 */
export async function lockUser(tenantId: string, userId: string): Promise<User> {
  const user = await User.findOne({ where: { tenantId, id: userId }, lock: Transaction.LOCK.NO_KEY_UPDATE });
  if (!user) throw new NotFound();
  return user;
}

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

/**
 * Removes a user's row and, by the foreign keys, all that hangs on it; and the mails to them, sent ones too: each holds
 * name and address. Inside a transaction; the caller has asked who may, and writes the log.
 */
export async function forgetUser(tenantId: string, userId: string): Promise<void> {
  await OutboxMessage.destroy({ where: { tenantId, userId } });
  if ((await User.destroy({ where: { tenantId, id: userId } })) !== 1) {
    throw new Conflict('This account was changed a moment ago. Reload the page and try again.');
  }
}
