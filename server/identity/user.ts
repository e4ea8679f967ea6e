import { updateRows } from '#models/by-hand.js';
import { OutboxMessage } from '#models/outbox-message.js';
import type { Role } from '#models/role.js';
import { UserJobRow } from '#models/user-job-row.js';
import { readUser } from '#models/roles-of.js';
import { readNow } from '#models/transaction.js';
import { UserJob } from '#models/user-job.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { User } from '#models/user.js';
import type { Actor } from '#policies/actor.js';
import type { Permission } from '#policies/permissions.js';
import { standingOf } from '#policies/role.js';
import type { TargetUser } from '#policies/user.js';
import type { Context, TenantContext } from '#server/context.js';
import { ChangedMeanwhile, Forbidden, NotFound } from '#server/errors.js';
import { removeAccess } from './walk-access.js';
import { actingNow } from './acting.js';
import { reserveName } from './former-name.js';

/** A user with the roles they hold. */
export type UserWithRoles = User & { roles: Role[] };

/** The user of this id in the tenant of the context; another tenant's is not found. */
export async function findUser(context: TenantContext, userId: string): Promise<UserWithRoles> {
  const user = await readUser(readNow(context.services.database), context.tenant.id, userId);
  if (!user) throw new NotFound();
  return user;
}

/** What the rules look at of a user. */
export function targetOf(user: UserWithRoles): TargetUser {
  return { id: user.id, tenantId: user.tenantId, ...standingOf(user.roles) };
}

/** What somebody does to one user: what it demands, and of whom it may be done. */
export interface Deed {
  permission: Permission;
  rule: (actor: Actor, permission: Permission, target: TargetUser) => boolean;
  /** Roles, status or existence of the user change, and of nobody else; see `Holding`. */
  organisation?: boolean;
}

/**
 * Does something to one user, as a write. The user is read when the locks are held, so that the rule is asked about them
 * as they are: whoever has just been given more than the actor has is out of reach. Another tenant's is not found.
 */
export async function actOnUser<C extends TenantContext, T>(
  context: C,
  userId: string,
  deed: Deed,
  act: (user: UserWithRoles, acting: C) => Promise<T>,
): Promise<T> {
  const { permission, organisation = false } = deed;
  return actingNow(context, permission, async (acting) => act(await reachUser(acting, userId, deed), acting), {
    organisation,
    userId,
    nobodyElse: true,
  });
}

/**
 * The user of this id, where the actor may do this to them; `Forbidden` else. A page asks it before its question, so that
 * nobody is asked what they would be refused; inside a write, which holds on to the user, it is the answer.
 */
export async function reachUser(
  context: TenantContext,
  userId: string,
  { permission, rule }: Pick<Deed, 'permission' | 'rule'>,
): Promise<UserWithRoles> {
  const user = await findUser(context, userId);
  if (!rule(context.actor, permission, targetOf(user))) throw refusal(context.actor, user);
  return user;
}

/** Changes the row of a user that `actOnUser` has found; throws `Conflict` when it was changed since, by whatever door. */
export async function changeRow(user: User, values: Values): Promise<void> {
  const { tenantId, id, epoch } = user;
  const where = { tenantId, id, epoch };
  // What may be taken already is said by the model in words that can be told apart.
  const named = 'usernameKey' in values || 'emailKey' in values;
  const changed = named ? (await User.update(values, { where }))[0] : await updateRows(User, values, where);
  if (changed !== 1) throw new ChangedMeanwhile();
}

type Values = Partial<User['_attributes']>;

/**
 * What of these values is another than was read of the user. A column that is written is written into each of its
 * indexes, though it stays what it was, and a user has a dozen of them.
 */
export function changedIn(user: User, values: Values): Values {
  const differs = ([name, value]: [string, unknown]): boolean => value !== user.previous(name as keyof Values);
  return Object.fromEntries(Object.entries(values).filter(differs));
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
 * Removes all that lets a user in, their row and, by the foreign keys, what else hangs on it; and the mails to them, sent ones too: each holds
 * name and address. Its username stays reserved. Inside a transaction; the caller has asked who may, and writes the log.
 */
export async function forgetUser(context: Context, tenantId: string, userId: string): Promise<void> {
  const user = await User.findOne({ where: { tenantId, id: userId }, attributes: ['usernameKey'] });
  if (user) await reserveName(context, tenantId, user.usernameKey, userId);
  await removeAccess({ tenantId, userId });
  await OutboxMessage.destroy({ where: { tenantId, userId } });
  await UserJobRow.forget(tenantId, userId);
  await UserJob.forget(tenantId, userId);
  await ScheduledPolicy.forget(tenantId, userId);
  if ((await User.destroy({ where: { tenantId, id: userId } })) !== 1) {
    throw new ChangedMeanwhile();
  }
}
