import { QueryTypes } from 'sequelize';
import { Role } from '#models/role.js';
import type { Row } from '#models/database.js';
import type { TenantContext } from '#server/context.js';
import { matchingUsers, type UserFilters } from '../users/filters.js';
import type { Person } from './deeds.js';

/** Whom it is about: these, or all that a filter finds. */
export type Selection = { ids: readonly string[] } | { filters: UserFilters };

/** The people of the tenant of a selection, as they are now, by their names; of other ids nobody. */
export async function peopleOf(context: TenantContext, selection: Selection): Promise<Person[]> {
  const { tenant } = context;
  const { sequelize, dialect } = context.services.database;
  const { gathered, bind } =
    'filters' in selection
      ? matchingUsers(context, selection.filters)
      : { gathered: NAMED[dialect], bind: [tenant.id, JSON.stringify(selection.ids)] };
  const [roles, rows] = await Promise.all([
    Role.findAll({ where: { tenantId: tenant.id } }),
    // Not by the handle of the pages: it may be everybody.
    sequelize.query<Row>(
      `SELECT u.*, h.role_id FROM (SELECT ${COLUMNS} ${gathered}) u
LEFT JOIN user_roles h ON h.tenant_id = u.tenant_id AND h.user_id = u.id ORDER BY u.name_key, u.id`,
      { bind: [...bind], type: QueryTypes.SELECT },
    ),
  ]);
  const byId = new Map(roles.map((role) => [role.id, role]));
  const people = new Map<string, Person & { roles: Role[] }>();
  for (const row of rows) {
    const id = String(row['id']);
    const person = people.get(id) ?? personOf(row);
    const role = byId.get(String(row['role_id']));
    if (role) person.roles.push(role);
    people.set(id, person);
  }
  return [...people.values()];
}

// Not the hash itself: nobody here has any business with it.
const COLUMNS = `u.tenant_id, u.id, u.kind, u.status, u.name_key, u.must_set_up_two_factor, u.must_change_password,
  (u.password_hash IS NOT NULL) AS has_password`;

const NAMED = {
  sqlite: 'FROM users u WHERE u.tenant_id = $1 AND u.id IN (SELECT value FROM json_each($2))',
  postgres: 'FROM users u WHERE u.tenant_id = $1 AND u.id IN (SELECT json_array_elements_text($2::json))',
} as const;

function personOf(row: Row): Person & { roles: Role[] } {
  return {
    id: String(row['id']),
    kind: row['kind'] as Person['kind'],
    status: row['status'] as Person['status'],
    hasPassword: Boolean(row['has_password']),
    mustSetUpTwoFactor: Boolean(row['must_set_up_two_factor']),
    mustChangePassword: Boolean(row['must_change_password']),
    roles: [],
  };
}
