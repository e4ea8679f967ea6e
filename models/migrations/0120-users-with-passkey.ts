// Whom a list finds for having a passkey: few of many, by their names.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0120-users-with-passkey',
  up: ['CREATE INDEX users_with_passkey ON users (tenant_id, name_key, id) WHERE has_passkey'],
  down: ['DROP INDEX users_with_passkey'],
};
