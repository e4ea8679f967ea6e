// Searching among very many users in the order of their names.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0011-user-search',
  up: [],
  // Holds what is searched beside what is sorted by: those who do not match are passed by without reading their rows.
  sqlite: ['CREATE INDEX users_by_name_search ON users (tenant_id, name_key, id, search_key)'],
  down: ['DROP INDEX IF EXISTS users_by_name_search'],
};
