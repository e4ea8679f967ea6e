// Accounts that are kept for the day on which nothing else opens the organisation.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0052-break-glass',
  up: [
    'ALTER TABLE users ADD COLUMN break_glass BOOLEAN NOT NULL DEFAULT FALSE',
    // Two of an organisation, among as many people as it has.
    'CREATE INDEX users_break_glass ON users (tenant_id) WHERE break_glass',
  ],
  down: ['DROP INDEX users_break_glass', 'ALTER TABLE users DROP COLUMN break_glass'],
};
