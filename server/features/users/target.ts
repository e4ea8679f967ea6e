import { inTransaction } from '#models/index.js';
import type { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { Actor } from '#policies/actor.js';
import { standingOf } from '#policies/role.js';
import type { TargetUser } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { lockTenant } from './last-owner.js';

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
