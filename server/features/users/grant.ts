import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { mayAssign, mayGrant } from '#policies/role.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { refuseLossOf } from '#server/identity/changed-since.js';
import { listAfter } from '#server/lib/list-after.js';

/** A role as a form offers it. */
export interface OfferedRole {
  id: string;
  name: string;
  description: string;
  /** The role that a new user gets unless another is chosen. */
  usual: boolean;
  mayGrant: boolean;
}

const FACTORY_ORDER = ['owner', 'operator', 'admin', 'auditor', 'user'];

/** The id of the role that whoever is new gets, unless another is chosen. */
export async function defaultRoleId({ tenant }: TenantContext): Promise<string> {
  const { defaultRoleId: chosen } = await Tenant.findByPk(tenant.id, { rejectOnEmpty: true });
  const role = chosen === null ? null : await Role.findOne({ where: { tenantId: tenant.id, id: chosen } });
  return (role ?? (await Role.factory(tenant.id, 'user'))).id;
}

/** Every role of the tenant, the factory's first; and whether the actor may give it to somebody. */
export async function offeredRoles(context: TenantContext): Promise<OfferedRole[]> {
  const { tenant, actor } = context;
  const usualId = await defaultRoleId(context);
  const roles = await Role.findAll({ where: { tenantId: tenant.id }, order: [['nameKey', 'ASC']] });
  const place = ({ key }: Role): number => (key === null ? FACTORY_ORDER.length : FACTORY_ORDER.indexOf(key));
  return roles
    .sort((one, other) => place(one) - place(other))
    .map((role) => ({
      id: role.id,
      name: role.name,
      description: role.description,
      usual: role.id === usualId,
      mayGrant: mayGrant(actor, role),
    }));
}

/** The roles of these ids, once it is certain that the actor may give them to a user who holds `before`; changed from those in `was`. */
export async function rolesToGive(
  { tenant, actor }: TenantContext,
  roleIds: readonly string[],
  before: readonly Role[] = [],
  was?: readonly string[],
): Promise<Role[]> {
  const held = before.map(({ id }) => id);
  if (was)
    refuseLossOf(
      'roleIds',
      { now: held, was, wanted: roleIds },
      (role) => before.find(({ id }) => id === role)?.name ?? '',
    );
  const wanted = was ? listAfter(held, was, roleIds) : [...new Set(roleIds)];
  if (wanted.length === 0) throw Invalid.field('roleIds', 'Choose at least one role.');
  const roles = await Role.findAll({ where: { tenantId: tenant.id, id: wanted }, order: [['nameKey', 'ASC']] });
  if (roles.length !== wanted.length)
    throw Invalid.field('roleIds', 'One of these roles is no longer there. Choose again.');
  if (!mayAssign(actor, before, roles))
    throw new Forbidden('You cannot give a role that may do more than yours. Ask somebody who holds it.');
  return roles;
}
