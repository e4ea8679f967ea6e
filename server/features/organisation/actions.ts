import { Transaction } from 'sequelize';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { can } from '#policies/can.js';
import { isTopRole } from '#policies/roles.js';
import { exceeds } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { record, type Details } from '#server/trace/record.js';

/** The settings of an organisation that its own people look after. */
export const SETTINGS = [
  'name',
  'colour',
  'signInMessage',
  'defaultRoleId',
  'defaultLocale',
  'defaultTimeZone',
  'defaultMustChangePassword',
  'defaultMustSetUpTwoFactor',
  'accountRemovalDays',
] as const;

/** What is left out stays as it is; a default role of '' is the usual one. */
export type OrganisationChanges = { [One in (typeof SETTINGS)[number]]?: NonNullable<Tenant[One]> | undefined };

/** The caller's organisation as it is kept. */
export async function readOrganisation(context: TenantContext): Promise<Tenant> {
  if (!can(context.actor, 'organisation:read')) throw new Forbidden();
  return Tenant.findByPk(context.tenant.id, { rejectOnEmpty: true });
}

/** Changes settings of the caller's organisation; what is so already changes nothing. Gives it as it is then. */
export async function changeOrganisation(context: TenantContext, changes: OrganisationChanges): Promise<Tenant> {
  return actingNow(context, 'organisation:write', (acting) => apply(acting, changes), { organisation: true });
}

async function apply(acting: TenantContext, changes: OrganisationChanges): Promise<Tenant> {
  const { id } = acting.tenant;
  const tenant = await Tenant.findByPk(id, { lock: Transaction.LOCK.NO_KEY_UPDATE, rejectOnEmpty: true });
  const { defaultRoleId, ...others } = changes;
  tenant.set(given(others));
  if (defaultRoleId !== undefined) {
    if (defaultRoleId !== '' && defaultRoleId !== tenant.defaultRoleId) await refuseRole(acting, defaultRoleId);
    tenant.defaultRoleId = defaultRoleId === '' ? null : defaultRoleId;
  }
  const changed = SETTINGS.filter((field) => tenant.changed(field));
  if (changed.length === 0) return tenant;
  const details: Details = Object.fromEntries(
    changed.map((field) => [field, { from: tenant.previous(field) ?? '', to: tenant[field] ?? '' }]),
  );
  await tenant.save();
  await record(acting, { event: 'tenant.changed', target: { type: 'tenant', id }, details });
  return tenant;
}

function given(changes: OrganisationChanges): Partial<Tenant['_attributes']> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

// Everybody new would be given it, by whoever adds them.
async function refuseRole({ actor, tenant }: TenantContext, roleId: string): Promise<void> {
  const role = await Role.findOne({ where: { tenantId: tenant.id, id: roleId } });
  if (!role) throw Invalid.field('defaultRoleId', 'This role is no longer there. Choose another.');
  if (isTopRole(role.key))
    throw Invalid.field('defaultRoleId', `Not everybody new can be ${role.name}. Choose a role that may do less.`);
  if (exceeds(actor, { permissions: role.grants, top: false }))
    throw Invalid.field('defaultRoleId', 'This role may do more than yours. Choose another.');
}
