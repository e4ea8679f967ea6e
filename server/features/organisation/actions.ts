import { Transaction } from 'sequelize';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { can } from '#policies/can.js';
import { isTopRole } from '#policies/roles.js';
import { exceeds } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { ChangedSince, refuseLoss, sayingNow, type Seen } from '#server/identity/changed-since.js';
import type { SentFile } from '#server/lib/sent-file.js';
import type { Picture } from '#server/lib/unfit-picture.js';
import { record, type Details } from '#server/trace/record.js';
import { changeLogo, readLogo } from './logo.js';

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
export type OrganisationChanges = { [One in (typeof SETTINGS)[number]]?: NonNullable<Tenant[One]> | undefined } & {
  /** A picture; null takes the one there is away. */
  logo?: SentFile | null | undefined;
  seen?: Seen | undefined;
};

/** The caller's organisation as it is kept. */
export async function readOrganisation(context: TenantContext): Promise<Tenant> {
  if (!can(context.actor, 'organisation:read')) throw new Forbidden();
  return Tenant.findByPk(context.tenant.id, { rejectOnEmpty: true });
}

/** Changes settings of the caller's organisation; what is so already changes nothing. Gives it as it is then. */
export async function changeOrganisation(context: TenantContext, changes: OrganisationChanges): Promise<Tenant> {
  const { logo: sent, ...settings } = changes;
  const logo = sent ? await readLogo(sent) : sent;
  return actingNow(context, 'organisation:write', (acting) => apply(acting, settings, logo), { organisation: true });
}

async function apply(
  acting: TenantContext,
  changes: Omit<OrganisationChanges, 'logo'>,
  picture: Picture | null | undefined,
): Promise<Tenant> {
  const { id } = acting.tenant;
  const tenant = await Tenant.findByPk(id, { lock: Transaction.LOCK.NO_KEY_UPDATE, rejectOnEmpty: true });
  const { defaultRoleId, seen, ...others } = changes;
  const role = await nameOfRole(id, tenant.defaultRoleId);
  refuseLoss(seen, { ...tenant.get(), defaultRoleId: tenant.defaultRoleId ?? '' }, changes, (field, value) =>
    sayingNow(field, field === 'defaultRoleId' ? role || 'User' : value),
  );
  const present = tenant.logo ?? '';
  if (picture !== undefined && seen && (seen['logo'] ?? present) !== present) throw anotherLogo(present);
  tenant.set(given(others));
  if (defaultRoleId !== undefined) {
    if (defaultRoleId !== '' && defaultRoleId !== tenant.defaultRoleId) await refuseRole(acting, defaultRoleId);
    tenant.defaultRoleId = defaultRoleId === '' ? null : defaultRoleId;
  }
  const changed = SETTINGS.filter((field) => tenant.changed(field));
  const logo = picture === undefined ? null : await changeLogo(tenant, picture);
  if (changed.length === 0 && logo === null) return tenant;
  const details: Details = Object.fromEntries(
    changed.map((field) => [field, { from: tenant.previous(field) ?? '', to: tenant[field] ?? '' }]),
  );
  if (changed.includes('defaultRoleId'))
    details['defaultRoleId'] = {
      from: await nameOfRole(id, tenant.previous('defaultRoleId') ?? null),
      to: await nameOfRole(id, tenant.defaultRoleId),
    };
  if (logo !== null) details['logo'] = logo;
  await tenant.save();
  await record(acting, { event: 'tenant.changed', target: { type: 'tenant', id }, details });
  return tenant;
}

function anotherLogo(logo: string): ChangedSince {
  const inWords = () => (logo === '' ? 'there is no logo by now' : 'there is another logo by now');
  return new ChangedSince({ logo }, { inWords });
}

// By name, as the log has it of every role: whoever reads it has no list of ids, and a role may be gone by then.
async function nameOfRole(tenantId: string, id: string | null): Promise<string> {
  const role = id === null ? null : await Role.findOne({ where: { tenantId, id }, attributes: ['name'] });
  return role?.name ?? '';
}

function given(changes: Omit<OrganisationChanges, 'logo'>): Partial<Tenant['_attributes']> {
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
