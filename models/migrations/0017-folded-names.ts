// Names and addresses: compared by their whole folding and the canonical form of their domain, sought without marks.
import { QueryTypes, type Sequelize } from 'sequelize';
import { canonicalEmail, canonicalName, canonicalUsername, soughtName, soughtUser } from '#policies/names.js';
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0017-folded-names',
  up: [],
  async fill(sequelize) {
    const users = await rowsOf<UserRow>(sequelize, 'users');
    await move(sequelize, users, 'users', 'username_key', ({ username }) => canonicalUsername(username));
    await move(sequelize, users, 'users', 'email_key', ({ email }) => canonicalEmail(email));
    for (const user of users) await seek(sequelize, user);
    const roles = await rowsOf<RoleRow>(sequelize, 'roles');
    await move(sequelize, roles, 'roles', 'name_key', ({ name }) => canonicalName(name));
  },
  down: [],
};

interface RoleRow {
  id: string;
  tenant_id: string;
  name: string;
  name_key: string;
}

interface UserRow extends RoleRow {
  username: string;
  username_key: string;
  email: string;
  email_key: string;
  search_key: string;
}

async function rowsOf<R extends object>(sequelize: Sequelize, table: 'users' | 'roles'): Promise<R[]> {
  return sequelize.query<R>(`SELECT * FROM ${table} ORDER BY created_at, id`, { type: QueryTypes.SELECT });
}

// Where two of an organisation fold alike, whoever was there first, or had this key already, has it; the other keeps its
// old one, is found by it, and is named by `doctor`.
async function move<R extends RoleRow>(
  sequelize: Sequelize,
  rows: readonly R[],
  table: 'users' | 'roles',
  column: keyof R & string,
  keyOf: (row: R) => string,
): Promise<void> {
  const taken = new Set(rows.map((row) => JSON.stringify([row.tenant_id, row[column]])));
  for (const row of rows) {
    const key = keyOf(row);
    const place = JSON.stringify([row.tenant_id, key]);
    if (key === '' || taken.has(place)) continue;
    taken.add(place);
    await sequelize.query(`UPDATE ${table} SET ${column} = $1 WHERE id = $2`, { bind: [key, row.id] });
  }
}

async function seek(sequelize: Sequelize, user: UserRow): Promise<void> {
  const [name, all] = [soughtName(user.name), soughtUser(user)];
  if (name === user.name_key && all === user.search_key) return;
  await sequelize.query('UPDATE users SET name_key = $1, search_key = $2 WHERE id = $3', {
    bind: [name, all, user.id],
  });
}
