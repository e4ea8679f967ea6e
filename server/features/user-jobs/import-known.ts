import { Role } from '#models/role.js';
import { giveRoles } from '#models/roles-of.js';
import { User } from '#models/user.js';
import { canonicalName, priorKey } from '#policies/names.js';
import type { TenantContext } from '#server/context.js';
import { reservedAmong } from '#server/identity/former-name.js';
import type { UserWithRoles } from '#server/identity/user.js';
import { defaultRoleId } from '../users/grant.js';
import type { Line } from './import-lines.js';

/** What there is in the organisation that a row may be about. */
export interface Known {
  /** Who has the username of a row. */
  userOf(line: Line): UserWithRoles | undefined;
  /** Whose address it is that a row has. */
  holderOf(line: Line): string | undefined;
  isReserved(line: Line): boolean;
  roleCalled(name: string): Role | undefined;
  /** What somebody new gets where the file says nothing else. */
  usual: Role | undefined;
}

const AT_ONCE = 400;

/** Looks up all that the rows of a file may be about, some hundreds at a time. */
export async function knownTo(context: TenantContext, lines: readonly Line[]): Promise<Known> {
  const { tenant } = context;
  const roles = await Role.findAll({ where: { tenantId: tenant.id } });
  const usualId = await defaultRoleId(context);
  const called = new Map(roles.map((role) => [role.nameKey, role]));
  const byUsername = new Map<string, UserWithRoles>();
  const byEmail = new Map<string, string>();
  const reserved = new Set<string>();
  for (let from = 0; from < lines.length; from += AT_ONCE) {
    const some = lines.slice(from, from + AT_ONCE);
    const usernames = some.flatMap(({ usernameKey, values }) => [usernameKey, priorKey(values.username ?? '')]);
    const emails = some.flatMap(({ emailKey, values }) => [emailKey, priorKey(values.email ?? '')]);
    for (const user of await usersWhere(tenant.id, { usernameKey: usernames })) byUsername.set(user.usernameKey, user);
    const holders = await User.findAll({
      where: { tenantId: tenant.id, emailKey: emails.filter((key) => key !== '') },
      attributes: ['id', 'emailKey'],
    });
    for (const { id, emailKey } of holders) byEmail.set(emailKey, id);
    for (const name of await reservedAmong(
      context,
      tenant.id,
      usernames.filter((key) => key !== ''),
    ))
      reserved.add(name);
  }
  return {
    userOf: ({ usernameKey, values }) =>
      usernameKey === '' ? undefined : (byUsername.get(priorKey(values.username ?? '')) ?? byUsername.get(usernameKey)),
    holderOf: ({ emailKey, values }) =>
      emailKey === '' ? undefined : (byEmail.get(priorKey(values.email ?? '')) ?? byEmail.get(emailKey)),
    isReserved: ({ usernameKey }) => reserved.has(usernameKey),
    roleCalled: (name) => called.get(priorKey(name)) ?? called.get(canonicalName(name)),
    usual: roles.find(({ id }) => id === usualId),
  };
}

async function usersWhere(tenantId: string, where: { usernameKey: string[] }): Promise<UserWithRoles[]> {
  const attributes = { exclude: ['passwordHash'] };
  const users = await User.findAll({ where: { tenantId, ...where }, attributes });
  await giveRoles(tenantId, users);
  return users as UserWithRoles[];
}
