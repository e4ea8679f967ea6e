// Lists of users in every order at size: beside what they are sorted by, the indexes hold what is searched and shown first.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0026-user-orders',
  up: [],
  // Those who do not match are passed by without reading their rows. PostgreSQL has its index of trigrams instead.
  sqlite: [
    'DROP INDEX users_by_name',
    'DROP INDEX users_by_status',
    'DROP INDEX users_by_creation',
    'DROP INDEX users_by_last_sign_in',
    'CREATE INDEX users_by_username_search ON users (tenant_id, username_key, id, search_key)',
    'CREATE INDEX users_by_email_search ON users (tenant_id, email_key, id, search_key)',
    'CREATE INDEX users_by_status ON users (tenant_id, status, username_key, id, search_key)',
    'CREATE INDEX users_by_creation ON users (tenant_id, created_at, id, search_key)',
    'CREATE INDEX users_by_last_sign_in ON users (tenant_id, COALESCE(last_signed_in_at, 0), id, search_key)',
    // What is filtered by, narrow: to count what two filters leave, where neither is rare and both together are.
    'CREATE INDEX users_by_standing ON users (tenant_id, two_factor, status, kind, id)',
  ],
  postgres: ['CREATE INDEX users_by_standing ON users (tenant_id, two_factor, status, kind)'],
  down: ['DROP INDEX users_by_standing'],
  sqliteDown: [
    'DROP INDEX users_by_last_sign_in',
    'DROP INDEX users_by_creation',
    'DROP INDEX users_by_status',
    'DROP INDEX users_by_email_search',
    'DROP INDEX users_by_username_search',
    'CREATE INDEX users_by_last_sign_in ON users (tenant_id, COALESCE(last_signed_in_at, 0), id)',
    'CREATE INDEX users_by_creation ON users (tenant_id, created_at, id)',
    'CREATE INDEX users_by_status ON users (tenant_id, status, username_key)',
    'CREATE INDEX users_by_name ON users (tenant_id, name_key, id)',
  ],
};
