import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Row } from '#models/database.js';
import type { TenantInContext } from '#server/context.js';
import { nobodyText } from '#server/trace/nobody-text.js';

/** Who or what a row is about, in words. */
export interface Party {
  text: string;
  /** The user, to ask the log for all about them, even when they are gone. */
  userId: string | null;
  /** There still is such a user: there is a page about them. */
  known: boolean;
}

/** The words for the actors and targets of some rows of a tenant's log, found with one query for each kind of thing. */
export async function partiesOf(
  tenant: TenantInContext,
  rows: readonly Row[],
): Promise<(row: Row) => { actor: Party; target: Party | null }> {
  const users = await peopleOf(tenant.id, [...ids(rows, 'actor_id'), ...ids(rows, 'target_id', 'user')]);
  const roles = await rolesOf(tenant.id, ids(rows, 'target_id', 'role'));
  const tenants = new Map([
    [tenant.id, 'This organisation'],
    ...(await tenantNames(tenant, ids(rows, 'target_id', 'tenant'))),
  ]);
  return (row) => ({ actor: actorOf(row, tenant.id, users), target: targetOf(row, { users, roles, tenants }) });
}

type Names = ReadonlyMap<string, string>;

function actorOf(row: Row, tenantId: string, users: Names): Party {
  const { actor_id: id, actor_tenant_id: home, door } = row;
  if (typeof id !== 'string') return thing(nobodyText(door));
  if (typeof home === 'string' && home !== tenantId) return thing('Operator');
  return person(id, users);
}

function targetOf(row: Row, names: { users: Names; roles: Names; tenants: Names }): Party | null {
  const { target_type: type, target_id: id } = row;
  if (typeof type !== 'string' || typeof id !== 'string') return null;
  if (type === 'user') return person(id, names.users);
  if (type === 'role') return thing(names.roles.get(id) ?? `Deleted role ${pseudonym(id)}`);
  if (type === 'tenant') return thing(names.tenants.get(id) ?? `Deleted organisation ${pseudonym(id)}`);
  return thing(THINGS[type] ?? `${type.charAt(0).toUpperCase()}${type.slice(1).replaceAll('-', ' ')}`);
}

const THINGS: Readonly<Record<string, string>> = {
  policy: 'Security policy',
  log: 'Security log',
  session: 'A session',
};

function thing(text: string): Party {
  return { text, userId: null, known: false };
}

function person(id: string, users: Names): Party {
  const name = users.get(id);
  return { text: name ?? `Deleted user ${pseudonym(id)}`, userId: id, known: name !== undefined };
}

// The beginning of an id is the time it was made, which many share; its end tells them apart.
function pseudonym(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-6)}`;
}

function ids(rows: readonly Row[], column: 'actor_id' | 'target_id', type?: string): string[] {
  const some = type === undefined ? rows : rows.filter((row) => row['target_type'] === type);
  return some.map((row) => row[column]).filter((id): id is string => typeof id === 'string');
}

// Of two who share a name the username tells which one it was.
async function peopleOf(tenantId: string, wanted: readonly string[]): Promise<Names> {
  if (wanted.length === 0) return new Map();
  const where = { tenantId, id: [...new Set(wanted)] };
  const found = await User.findAll({ where, attributes: ['id', 'name', 'username'] });
  const bearers = new Map<string, number>();
  for (const { name } of found) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  return new Map(
    found.map(({ id, name, username }) => [id, (bearers.get(name) ?? 0) > 1 ? `${name} (${username})` : name]),
  );
}

async function rolesOf(tenantId: string, wanted: readonly string[]): Promise<Names> {
  if (wanted.length === 0) return new Map();
  const found = await Role.findAll({ where: { tenantId, id: [...new Set(wanted)] }, attributes: ['id', 'name'] });
  return new Map(found.map(({ id, name }) => [id, name]));
}

// Only the operators' own log tells of other organisations than its own.
async function tenantNames(tenant: TenantInContext, wanted: readonly string[]): Promise<Names> {
  if (!tenant.platform || wanted.length === 0) return new Map();
  const found = await Tenant.findAll({ where: { id: [...new Set(wanted)] }, attributes: ['id', 'name'] });
  return new Map(found.filter(({ id }) => id !== tenant.id).map(({ id, name }) => [id, name]));
}
