// Lists of users at size: indexes for the order of last sign-ins, for stale accounts, for searching, for the roles of a user.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0005-user-lists',
  up: [
    // Who has never signed in comes before everybody; the two engines sort NULL to different ends.
    'DROP INDEX users_by_last_sign_in',
    'CREATE INDEX users_by_last_sign_in ON users (tenant_id, COALESCE(last_signed_in_at, 0), id)',
    `CREATE INDEX users_by_activity ON users (tenant_id, COALESCE(last_signed_in_at, created_at))
      WHERE status = 'active' AND kind = 'person'`,
    // Every request asks for the roles of one user, tenant first. SQLite would else walk through all of the tenant's.
    'CREATE INDEX user_roles_by_user ON user_roles (tenant_id, user_id, role_id)',
  ],
  // Searching reads this from end to end, in place of a hundred thousand rows here and there. PostgreSQL scans the table as fast.
  sqlite: ['CREATE INDEX users_by_search ON users (tenant_id, search_key)'],
  down: [
    'DROP INDEX IF EXISTS users_by_search',
    'DROP INDEX user_roles_by_user',
    'DROP INDEX users_by_activity',
    'DROP INDEX users_by_last_sign_in',
    'CREATE INDEX users_by_last_sign_in ON users (tenant_id, last_signed_in_at, id)',
  ],
};
