import { UniqueConstraintError } from 'sequelize';
import { Role } from '#models/role.js';
import { readInTransaction } from '#models/transaction.js';
import type { TenantContext } from '#server/context.js';
import { record, type Details } from '#server/trace/record.js';
import { actingNow } from '#server/identity/acting.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import {
  differences,
  nameTaken,
  newValues,
  valuesAfter,
  valuesOf,
  type RoleChanges,
  type RoleValues,
} from './change.js';
import { findRole } from './list.js';

/** Makes a role of the tenant's own. It can grant nothing that its maker may not do. */
export async function createRole(context: TenantContext, given: RoleValues): Promise<Role> {
  return changingRoles(context, async (acting, tell) => {
    const { tenant, now } = acting;
    const values = await newValues(acting, given);
    const { name, description, permissions, readOnly, tokensNeedApproval } = values;
    const { requiresTwoFactor, requiresPhishingResistant } = values;
    const role = await Role.create({
      tenantId: tenant.id,
      key: null,
      name,
      description,
      permissions: JSON.stringify(permissions),
      readOnly,
      requiresTwoFactor,
      twoFactorSince: requiresTwoFactor ? now : 0,
      requiresPhishingResistant,
      phishingResistantSince: requiresPhishingResistant ? now : 0,
      tokensNeedApproval,
      createdAt: now,
    });
    const demands = { requiresTwoFactor, requiresPhishingResistant, tokensNeedApproval };
    await tell('role.created', role.id, { name, permissions, readOnly, ...demands });
    return role;
  });
}

/** Changes a role; its holders have the new rights from their next request on. What is left out stays as it is. */
export async function changeRole(context: TenantContext, id: string, given: RoleChanges): Promise<Role> {
  return changingRoles(context, async (acting, tell) => {
    const role = await findRole(acting, id);
    const before = valuesOf(role);
    const { permissions, ...after } = await valuesAfter(acting, role, given, readInTransaction);
    const { requiresTwoFactor, requiresPhishingResistant, tokensNeedApproval } = after;
    if (role.key === null) role.set({ ...after, permissions: JSON.stringify(permissions) });
    if (requiresTwoFactor !== before.requiresTwoFactor)
      role.set({ requiresTwoFactor, twoFactorSince: requiresTwoFactor ? acting.now : 0 });
    if (requiresPhishingResistant !== before.requiresPhishingResistant)
      role.set({ requiresPhishingResistant, phishingResistantSince: requiresPhishingResistant ? acting.now : 0 });
    role.set({ tokensNeedApproval });
    await role.save();
    if (role.readOnly && !before.readOnly) await keepAnOwner(acting, 'readOnly');
    const changes = differences(before, valuesOf(role));
    if (Object.keys(changes).length > 0) await tell('role.changed', id, { role: role.name, ...changes });
    return role;
  });
}

type RoleEvent = 'role.created' | 'role.changed' | 'role.removed';
type Tell = (event: RoleEvent, id: string, details: Details) => Promise<void>;

/** Every change of roles holds the organisation: what people may do does not move while somebody acts on it. */
export async function changingRoles<T>(
  context: TenantContext,
  work: (acting: TenantContext, tell: Tell) => Promise<T>,
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

// Two who take the same name at the same moment both find it free; the unique index lets one through.
async function orNameTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UniqueConstraintError ? nameTaken() : error;
  }
}
