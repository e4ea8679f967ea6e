import { UniqueConstraintError } from 'sequelize';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import { canonicalName } from '#policies/names.js';
import { isPermission, isPlatformPermission, type Permission } from '#policies/permissions.js';
import { mayChangeRole, mayDemandTwoFactorOf, mayEditRole } from '#policies/role.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { record, type Details } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import { refuseBeyondReach } from './holders.js';
import { findRole } from './list.js';

export interface RoleValues {
  name: string;
  description: string;
  permissions: readonly string[];
  readOnly: boolean;
  requiresTwoFactor: boolean;
}

/** Makes a role of the tenant's own. It can grant nothing that its maker may not do. */
export async function createRole(context: TenantContext, values: RoleValues): Promise<Role> {
  const permissions = knownPermissions(values.permissions);
  return changingRoles(context, async ({ actor, tenant, now }, tell) => {
    if (!mayChangeRole(actor, { readOnly: false }, { grants: permissions, readOnly: values.readOnly }))
      throw exceeding();
    await refuseTakenName(tenant, values.name);
    const { name, description, readOnly, requiresTwoFactor } = values;
    const role = await Role.create({
      tenantId: tenant.id,
      key: null,
      name,
      description,
      permissions: JSON.stringify(permissions),
      readOnly,
      requiresTwoFactor,
      twoFactorSince: requiresTwoFactor ? now : 0,
      createdAt: now,
    });
    await tell('role.created', role.id, { name, permissions, readOnly, requiresTwoFactor });
    return role;
  });
}

/**
 * Changes a role; its holders have the new rights from their next request on. What is left out stays as it is. Of a
 * factory role only the demand for two-factor changes.
 */
export async function changeRole(context: TenantContext, id: string, given: Partial<RoleValues>): Promise<Role> {
  return changingRoles(context, async (acting, tell) => {
    const { actor, tenant, now } = acting;
    const role = await findRole(acting, id);
    const before = valuesOf(role);
    const was = { id, key: role.key, grants: role.grants, readOnly: role.readOnly };
    const { requiresTwoFactor, ...values } = { ...before, ...given };
    if (!mayDemandTwoFactorOf(actor, role)) throw new Forbidden();
    if (role.key === null) {
      const permissions = knownPermissions(values.permissions);
      if (!mayEditRole(actor, role)) throw new Forbidden();
      if (!mayChangeRole(actor, role, { grants: permissions, readOnly: values.readOnly })) throw exceeding();
      await refuseTakenName(tenant, values.name, id);
      role.set({
        name: values.name,
        description: values.description,
        permissions: JSON.stringify(permissions),
        readOnly: values.readOnly,
      });
    } else if (
      Object.keys(differences(before, { ...values, requiresTwoFactor: before.requiresTwoFactor })).length > 0
    ) {
      throw new Forbidden('Of a factory role only the demand for two-factor authentication can be changed.');
    }
    if (requiresTwoFactor !== role.requiresTwoFactor)
      role.set({ requiresTwoFactor, twoFactorSince: requiresTwoFactor ? now : 0 });
    await role.save();
    const changes = differences(before, valuesOf(role));
    await refuseBeyondReach(acting, was, role, before.requiresTwoFactor);
    if (role.readOnly && !was.readOnly) await keepAnOwner(acting, 'readOnly');
    if (Object.keys(changes).length > 0) await tell('role.changed', id, { role: role.name, ...changes });
    return role;
  });
}

/** Removes a role of the tenant's own that nobody holds any more. */
export async function removeRole(context: TenantContext, id: string): Promise<void> {
  await changingRoles(context, async ({ actor, tenant }, tell) => {
    const role = await findRole({ tenant }, id);
    if (!mayEditRole(actor, role))
      throw new Forbidden('A factory role, and one that grants more than you may do, cannot be removed.');
    const holders = await UserRole.count({ where: { tenantId: tenant.id, roleId: id } });
    if (holders > 0)
      throw Invalid.field(
        '',
        `${holders === 1 ? 'One user still has' : `${holders} users still have`} this role. Give them another role first.`,
      );
    await role.destroy();
    await tell('role.removed', id, { name: role.name });
  });
}

type RoleEvent = 'role.created' | 'role.changed' | 'role.removed';

// Every change of roles holds the organisation: what people may do does not move while somebody acts on it.
async function changingRoles<T>(
  context: TenantContext,
  work: (acting: TenantContext, tell: (event: RoleEvent, id: string, details: Details) => Promise<void>) => Promise<T>,
): Promise<T> {
  return orNameTaken(() =>
    actingNow(
      context,
      'roles:write',
      (acting) =>
        work(acting, (event, id, details) => record(acting, { event, target: { type: 'role', id }, details })),
      { organisation: true },
    ),
  );
}

function valuesOf({ name, description, grants, readOnly, requiresTwoFactor }: Role) {
  return { name, description, permissions: [...grants] as readonly string[], readOnly, requiresTwoFactor };
}

function knownPermissions(listed: readonly string[]): Permission[] {
  if (!listed.every((name) => isPermission(name) && !isPlatformPermission(name)))
    throw Invalid.field('permissions', 'Choose permissions of the list.');
  return [...new Set(listed.filter(isPermission))].sort();
}

async function refuseTakenName(tenant: { id: string }, name: string, except?: string): Promise<void> {
  const other = await Role.findOne({
    where: { tenantId: tenant.id, nameKey: canonicalName(name) },
    attributes: ['id'],
  });
  if (other && other.id !== except) throw nameTaken();
}

// Two who take the same name at the same moment both find it free; the unique index lets one through.
async function orNameTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UniqueConstraintError ? nameTaken() : error;
  }
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): Details {
  const changed = Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(changed.map((key) => [key, { from: before[key], to: after[key] }]));
}

function nameTaken(): Invalid {
  return Invalid.field('name', 'Another role of this organisation has this name. Choose another.');
}

function exceeding(): Invalid {
  return Invalid.field(
    'permissions',
    'A role can grant nothing that you may not do yourself, and only an owner lifts "read-only".',
  );
}
