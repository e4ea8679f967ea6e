/** Every permission there is, in the order of the matrix; each guards something. The catalogue is closed: what is not here is false. */
export const PERMISSIONS = [
  { name: 'users:read', group: 'Users', label: 'See users' },
  { name: 'users:write', group: 'Users', label: 'Create and change users' },
  { name: 'users:two-factor', group: 'Users', label: 'Reset and disable two-factor authentication of others' },
  { name: 'users:delete', group: 'Users', label: 'Delete users' },
  { name: 'roles:read', group: 'Roles', label: 'See roles' },
  { name: 'roles:write', group: 'Roles', label: 'Create and change roles' },
  { name: 'policy:read', group: 'Security policy', label: 'See the security policy' },
  { name: 'policy:write', group: 'Security policy', label: 'Change the security policy' },
  { name: 'log:read', group: 'Security log', label: 'See the security log' },
  { name: 'log:export', group: 'Security log', label: 'Download the security log' },
  { name: 'credentials:read', group: 'API credentials', label: 'See the API credentials of everybody' },
  { name: 'credentials:revoke', group: 'API credentials', label: 'Revoke the API credentials of others' },
  { name: 'tokens:create', group: 'API credentials', label: 'Create API credentials of their own' },
  { name: 'notifications:read', group: 'Notifications', label: 'See how mails are worded, and the mail log' },
  { name: 'notifications:write', group: 'Notifications', label: 'Change how mails are worded' },
  { name: 'organisation:read', group: 'Organisation', label: 'See the settings of the organisation' },
  { name: 'organisation:write', group: 'Organisation', label: 'Change the settings of the organisation' },
  { name: 'tenants:read', group: 'Platform', label: 'See organisations' },
  { name: 'tenants:write', group: 'Platform', label: 'Create, suspend and delete organisations' },
] as const;

export type Permission = (typeof PERMISSIONS)[number]['name'];

const NAMES: ReadonlySet<string> = new Set(PERMISSIONS.map((permission) => permission.name));

export function isPermission(text: string): text is Permission {
  return NAMES.has(text);
}

/** Only roles of the platform tenant may hold these. */
export function isPlatformPermission(permission: Permission): boolean {
  return permission.startsWith('tenants:');
}

/** True for a permission that lets its holder change something; a read-only role strips these. */
export function isWrite(permission: Permission): boolean {
  return !/:(read|export)$/.test(permission);
}

/** True for a permission to change what is not the holder's own. To make tokens of one's own changes nothing of anybody else. */
export function concernsOthers(permission: Permission): boolean {
  return isWrite(permission) && permission !== 'tokens:create';
}

/** All that a tenant's own people can hold. */
export const TENANT_PERMISSIONS: readonly Permission[] = PERMISSIONS.map((permission) => permission.name).filter(
  (name) => !isPlatformPermission(name),
);

/** What a permission lets its holder do to its noun: the columns of the matrix. */
export type PermissionColumn = 'see' | 'change' | 'delete' | 'special';

/** A row of the matrix: a noun, and what there is to be done to it. */
export interface PermissionRow {
  noun: string;
  permissions: { name: Permission; label: string; short: string; column: PermissionColumn }[];
}

/** The permissions of these names as a matrix: a row for each noun that has any of them. */
export function permissionMatrix(names: readonly Permission[] = TENANT_PERMISSIONS): PermissionRow[] {
  const listed = PERMISSIONS.filter(({ name }) => names.includes(name));
  return [...new Set(listed.map(({ group }) => group))].map((noun) => ({
    noun,
    permissions: listed
      .filter(({ group }) => group === noun)
      .map(({ name, label }) => ({ name, label, ...columnOf(name, label) })),
  }));
}

const COLUMNS: Readonly<Record<string, { column: PermissionColumn; short: string }>> = {
  read: { column: 'see', short: 'See' },
  write: { column: 'change', short: 'Change' },
  delete: { column: 'delete', short: 'Delete' },
  revoke: { column: 'delete', short: 'Revoke' },
  export: { column: 'special', short: 'Download' },
};

function columnOf(name: Permission, label: string): { column: PermissionColumn; short: string } {
  return COLUMNS[name.split(':')[1] ?? ''] ?? { column: 'special', short: label };
}
