import type { UserKind } from '#policies/enumerations.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import type { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { checkPassword } from '#server/identity/password.js';
import { actingNow } from '#server/identity/acting.js';
import { addUser, refuseMalformed } from '#server/identity/add-user.js';
import { defaultRoleId, rolesToGive } from './grant.js';

export interface UserToCreate {
  /** Where it was known before. */
  id?: string;
  kind: UserKind;
  username: string;
  name: string;
  /** Empty for a service account that has none. */
  email: string;
  /** Left out, as the organisation has it for whoever is new; so is the second factor. */
  roleIds?: readonly string[] | undefined;
  onboarding: 'invite' | 'password';
  /** Looked at only for a person who is not invited. */
  password: string;
  mustChangePassword: boolean;
  mustSetUpTwoFactor?: boolean | undefined;
}

/**
 * Makes a user: a person, who is mailed an invitation or given a first password, or a service account, which has no
 * password and no way to sign in. Throws `Invalid`, or `Forbidden` for a role that the actor may not give.
 */
export async function createUser(context: TenantContext, given: UserToCreate): Promise<User> {
  refuseMalformed(given);
  const { tenant } = context;
  const { kind, username, name, email } = given;
  const person = kind === 'person';
  const policy = await SecurityPolicy.of(tenant.id);
  const passwordHash = person && given.onboarding === 'password' ? await firstPassword(context, policy, given) : null;
  const add = async (acting: TenantContext): Promise<User> => {
    const roles = await rolesToGive(acting, given.roleIds ?? [await defaultRoleId(acting)]);
    const organisation = await Tenant.findByPk(tenant.id, { rejectOnEmpty: true });
    const user = await addUser(acting, {
      id: given.id,
      tenantId: tenant.id,
      kind,
      username,
      name,
      email,
      roleIds: roles.map(({ id }) => id),
      passwordHash,
      mustChangePassword: passwordHash !== null && (given.mustChangePassword || policy.changeAtFirstSignIn),
      mustSetUpTwoFactor: person && (given.mustSetUpTwoFactor ?? organisation.defaultMustSetUpTwoFactor),
    });
    if (user.status === 'invited') await sendInvitation(acting, user);
    return user;
  };
  return actingNow(context, 'users:write', add, { adds: true });
}

async function firstPassword(context: TenantContext, policy: SecurityPolicy, given: UserToCreate): Promise<string> {
  // To hash one costs enough that nobody is served who may not.
  if (!can(context.actor, 'users:write')) throw new Forbidden();
  if (given.password === '')
    throw Invalid.field('password', 'Enter the first password, or choose to send an invitation.');
  await checkPassword(context.services, policy, context.tenant, given, given.password, 'password');
  return context.services.passwords.hash(given.password);
}
