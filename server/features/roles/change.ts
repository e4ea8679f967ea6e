import type { Read } from '#models/database.js';
import { Role } from '#models/role.js';
import { AS_ID, looksLikeId, nameAsRead } from '#policies/names.js';
import { isPermission, isPlatformPermission, PERMISSIONS, type Permission } from '#policies/permissions.js';
import { mayChangeRole, mayDemandTwoFactorOf, mayEditRole } from '#policies/role.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { refuseLoss, refuseLossOf, type Seen } from '#server/identity/changed-since.js';
import { listAfter } from '#server/lib/list-after.js';
import type { Details } from '#server/trace/record.js';
import { refuseBeyondReach } from './holders.js';

export interface RoleValues {
  name: string;
  description: string;
  permissions: readonly string[];
  readOnly: boolean;
  requiresTwoFactor: boolean;
  requiresPhishingResistant: boolean;
  tokensNeedApproval: boolean;
}

/** What is left out stays as it is. */
export type RoleChanges = Partial<RoleValues> & {
  /** What the permissions were changed from, where that was shown: what others took meanwhile does not come back. */
  permissionsShown?: readonly string[] | undefined;
  seen?: Seen | undefined;
};

/** The values that a role is to have, of which it is certain that the actor may give it them. */
export type AllowedValues = Omit<RoleValues, 'permissions'> & { permissions: Permission[] };

/** What a new role would be. It can grant nothing that its maker may not do. */
export async function newValues({ actor, tenant }: TenantContext, given: RoleValues): Promise<AllowedValues> {
  const permissions = knownPermissions(given.permissions);
  if (!mayChangeRole(actor, { readOnly: false }, { grants: permissions, readOnly: given.readOnly })) throw exceeding();
  await refuseTakenName(tenant, given.name);
  return { ...given, permissions };
}

/**
 * What a role would be with these changes; what is left out stays as it is. Of a factory role only what it demands
 * changes: two-factor, and an approval of tokens. Throws for what the actor may not change, and for the holders beyond their reach.
 */
export async function valuesAfter(
  acting: TenantContext,
  role: Role,
  { permissionsShown: was, seen, ...given }: RoleChanges,
  read: Read,
): Promise<AllowedValues> {
  const { actor, tenant } = acting;
  const { id, key } = role;
  const before = valuesOf(role);
  refuseLoss(seen, before, given);
  const after = { ...before, ...given };
  if (was) {
    refuseLossOf('permissions', { now: before.permissions, was, wanted: after.permissions }, labelOf);
    after.permissions = listAfter(before.permissions, was, after.permissions);
  }
  if (!mayDemandTwoFactorOf(actor, role)) throw new Forbidden();
  const permissions = key === null ? knownPermissions(after.permissions) : before.permissions;
  if (key === null) {
    if (!mayEditRole(actor, role)) throw new Forbidden();
    if (!mayChangeRole(actor, role, { grants: permissions, readOnly: after.readOnly })) throw exceeding();
    await refuseTakenName(tenant, after.name, id);
  } else if (Object.keys(differences(before, { ...after, ...demandsOf(before) })).length > 0) {
    throw new Forbidden(
      'Of a factory role only the demands for two-factor authentication, for a passkey and for an approval of tokens can be changed.',
    );
  }
  // Else whoever needs an approval would lift the demand, make a token, and put it back.
  if (before.tokensNeedApproval && !after.tokensNeedApproval && actor.kind === 'user' && !actor.top)
    throw Invalid.field('tokensNeedApproval', 'Only an owner lets tokens of this role do without an approval again.');
  const held = { id, key, grants: before.permissions, readOnly: before.readOnly };
  const { readOnly } = after;
  await refuseBeyondReach(
    acting,
    { ...held, ...demandsOf(before) },
    { ...held, grants: permissions, readOnly, ...demandsOf(after) },
    read,
  );
  return { ...after, permissions };
}

function labelOf(permission: string): string {
  return PERMISSIONS.find(({ name }) => name === permission)?.label ?? permission;
}

/** What can be changed of a role, as it is. */
export function valuesOf(role: Role): AllowedValues {
  const { name, description, grants, readOnly } = role;
  return { name, description, permissions: [...grants], readOnly, ...demandsOf(role) };
}

type Demands = Pick<RoleValues, 'requiresTwoFactor' | 'requiresPhishingResistant' | 'tokensNeedApproval'>;

function demandsOf({ requiresTwoFactor, requiresPhishingResistant, tokensNeedApproval }: Demands): Demands {
  return { requiresTwoFactor, requiresPhishingResistant, tokensNeedApproval };
}

/** What differs, as the log tells it: what was, and what is. */
export function differences(before: object, after: object): Details {
  const was = before as Record<string, unknown>;
  const is = Object.entries(after).filter(([name, value]) => JSON.stringify(was[name]) !== JSON.stringify(value));
  return Object.fromEntries(is.map(([name, to]) => [name, { from: was[name], to: to as unknown }]));
}

function knownPermissions(listed: readonly string[]): Permission[] {
  if (!listed.every((name) => isPermission(name) && !isPlatformPermission(name)))
    throw Invalid.field('permissions', 'Choose permissions of the list.');
  return [...new Set(listed.filter(isPermission))].sort();
}

async function refuseTakenName(tenant: { id: string }, name: string, except?: string): Promise<void> {
  if (looksLikeId(name)) throw Invalid.field('name', AS_ID);
  const read = nameAsRead(name);
  const others = await Role.findAll({ where: { tenantId: tenant.id }, attributes: ['id', 'name'] });
  // What is read as another role's name would be given to people as that role.
  if (others.some((other) => other.id !== except && nameAsRead(other.name) === read)) throw nameTaken();
}

export function nameTaken(): Invalid {
  return Invalid.field('name', 'Another role of this organisation has this name. Choose another.');
}

function exceeding(): Invalid {
  return Invalid.field(
    'permissions',
    'A role can grant nothing that you may not do yourself, and only an owner lifts "read-only".',
  );
}
