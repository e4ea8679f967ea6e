import { inTransaction } from '#models/transaction.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { FactoryRoleKey } from '#policies/roles.js';
import { addUser } from '#server/identity/add-user.js';
import { withPersons } from '#server/trace/personal.js';
import { contextIn, logged } from './links.js';
import { PASSWORD, type Portal } from './portal.js';

export const pageOf = (id: string): string => `/admin/users/${id}`;

/** The row of a member of the cast, or of anybody added since, as it is now. */
export async function userCalled(portal: Portal, who: string): Promise<User> {
  const [slug = '', username = ''] = who.split('/');
  const { tenant } = await contextIn(portal, slug);
  return User.findOne({ where: { tenantId: tenant.id, username }, include: 'roles', rejectOnEmpty: true });
}

/** The id of a role that an organisation has from its first day. */
export async function roleId(portal: Portal, slug: string, key: FactoryRoleKey): Promise<string> {
  const { tenant } = await contextIn(portal, slug);
  return (await Role.factory(tenant.id, key)).id;
}

let hash: Promise<string> | undefined;

/** Of the password of the cast: one for all whom a process adds, who are many. */
function hashOfPassword({ services }: Portal): Promise<string> {
  return (hash ??= services.passwords.hash(PASSWORD));
}

/** Adds `acme/otto` with this role and the password of the cast. */
export async function addSomebody(portal: Portal, who: string, key: FactoryRoleKey): Promise<User> {
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const role = await Role.factory(context.tenant.id, key);
  const passwordHash = await hashOfPassword(portal);
  const name = `${username.charAt(0).toUpperCase()}${username.slice(1)} Somebody`;
  const email = `${username}@${slug}.example`;
  return inTransaction(() =>
    addUser(context, { tenantId: context.tenant.id, username, name, email, passwordHash, roleIds: [role.id] }),
  );
}

/** The details of the newest event of this kind in the log of an organisation. */
export async function newestDetails(portal: Portal, slug: string, event: string): Promise<Record<string, unknown>> {
  const row = (await logged(portal, slug, event)).at(-1);
  if (!row) throw new Error(`The log of ${slug} has no ${event}.`);
  const [opened] = await withPersons(portal.services, String(row['tenant_id']), [row]);
  return JSON.parse(String(opened?.['details'])) as Record<string, unknown>;
}
