// When somebody was given a role, and by whom: what "Why can they?" tells. Older ones stand in the security log alone.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0029-role-grants',
  up: [
    'ALTER TABLE user_roles ADD COLUMN granted_at BIGINT',
    'ALTER TABLE user_roles ADD COLUMN granted_by VARCHAR(36)',
  ],
  down: ['ALTER TABLE user_roles DROP COLUMN granted_by', 'ALTER TABLE user_roles DROP COLUMN granted_at'],
};
