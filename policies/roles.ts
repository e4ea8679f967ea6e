import {
  isPermission,
  isPlatformPermission,
  isWrite,
  PERMISSIONS,
  TENANT_PERMISSIONS,
  type Permission,
} from './permissions.js';

export const FACTORY_ROLE_KEYS = ['owner', 'admin', 'auditor', 'user', 'operator'] as const;
export type FactoryRoleKey = (typeof FACTORY_ROLE_KEYS)[number];

export interface FactoryRole {
  key: FactoryRoleKey;
  name: string;
  description: string;
  permissions: readonly Permission[];
}

const OWNER: FactoryRole = {
  key: 'owner',
  name: 'Owner',
  description: 'Everything in the organisation.',
  permissions: TENANT_PERMISSIONS,
};
const ADMIN: FactoryRole = {
  key: 'admin',
  name: 'Admin',
  description: 'Everything but the settings of the organisation, and acting on owners.',
  permissions: TENANT_PERMISSIONS.filter((permission) => permission !== 'organisation:write'),
};
const AUDITOR: FactoryRole = {
  key: 'auditor',
  name: 'Auditor',
  description: 'Sees everything and changes nothing.',
  permissions: TENANT_PERMISSIONS.filter((permission) => !isWrite(permission)),
};
const USER: FactoryRole = {
  key: 'user',
  name: 'User',
  description: 'Looks after their own account.',
  permissions: ['tokens:create'],
};
const OPERATOR: FactoryRole = {
  key: 'operator',
  name: 'Operator',
  description: 'Looks after the organisations of this installation.',
  permissions: PERMISSIONS.map((permission) => permission.name),
};

/** The factory roles that a tenant begins with; the platform has operators in the place of owners. */
export function factoryRoles(platform: boolean): readonly FactoryRole[] {
  return platform ? [OPERATOR, ADMIN, AUDITOR, USER] : [OWNER, ADMIN, AUDITOR, USER];
}

const BY_KEY = new Map([OWNER, ADMIN, AUDITOR, USER, OPERATOR].map((role) => [role.key, role]));

// What whoever holds one of them alone may do, made once: nobody can change these roles.
const FACTORY_SETS = new Map<readonly Permission[], ReadonlySet<Permission>>(
  [...BY_KEY.values()].map(({ permissions }) => [permissions, new Set(permissions)]),
);

/** The role at the top of its tenant, of which the last holder must stay. */
export function isTopRole(key: FactoryRoleKey | null): boolean {
  return key === 'owner' || key === 'operator';
}

/** What a role as it is kept grants: a factory role what stands here, another what its JSON says and the catalogue knows. */
export function grantsOf(role: { key: FactoryRoleKey | null; permissions: string }): readonly Permission[] {
  if (role.key !== null) return BY_KEY.get(role.key)?.permissions ?? [];
  const listed: unknown = JSON.parse(role.permissions);
  if (!Array.isArray(listed)) return [];
  return listed.filter(
    (name): name is Permission => typeof name === 'string' && isPermission(name) && !isPlatformPermission(name),
  );
}

/** What the holder of these roles may do: the union, less every write when one of the roles is read-only. */
export function effectivePermissions(
  roles: readonly { grants: readonly Permission[]; readOnly: boolean }[],
): ReadonlySet<Permission> {
  const [only] = roles;
  const made = only && roles.length === 1 && !only.readOnly ? FACTORY_SETS.get(only.grants) : undefined;
  if (made) return made;
  const all = roles.flatMap((role) => role.grants);
  return new Set(roles.some((role) => role.readOnly) ? all.filter((permission) => !isWrite(permission)) : all);
}
