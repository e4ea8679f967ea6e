// Whom a list finds for having no second factor: an index of those without an app, which tells who has a passkey.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0118-users-without-factor',
  up: [
    `CREATE INDEX users_without_app ON users (tenant_id, has_passkey, two_factor, status, kind, id) WHERE two_factor <> 'active'`,
  ],
  down: ['DROP INDEX users_without_app'],
};
