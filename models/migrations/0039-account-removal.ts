// Deleting one's own account: after how many days of grace, and by when an account that is going goes.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0039-account-removal',
  up: [
    'ALTER TABLE tenants ADD COLUMN account_removal_days INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE users ADD COLUMN removal_at BIGINT',
    'ALTER TABLE users ADD COLUMN removal_noticed BOOLEAN NOT NULL DEFAULT FALSE',
    'CREATE INDEX users_leaving ON users (removal_at) WHERE removal_at IS NOT NULL',
  ],
  down: [
    'DROP INDEX users_leaving',
    'ALTER TABLE users DROP COLUMN removal_noticed',
    'ALTER TABLE users DROP COLUMN removal_at',
    'ALTER TABLE tenants DROP COLUMN account_removal_days',
  ],
};
