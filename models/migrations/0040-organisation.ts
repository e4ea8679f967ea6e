// What an organisation gives whoever is new in it, unless the form or the call says otherwise.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0040-organisation',
  up: [
    // No foreign key: the role may go, and then it is the usual one again.
    'ALTER TABLE tenants ADD COLUMN default_role_id VARCHAR(36)',
    "ALTER TABLE tenants ADD COLUMN default_locale VARCHAR(35) NOT NULL DEFAULT 'en'",
    "ALTER TABLE tenants ADD COLUMN default_time_zone VARCHAR(64) NOT NULL DEFAULT 'UTC'",
    'ALTER TABLE tenants ADD COLUMN default_must_change_password BOOLEAN NOT NULL DEFAULT TRUE',
    'ALTER TABLE tenants ADD COLUMN default_must_set_up_two_factor BOOLEAN NOT NULL DEFAULT FALSE',
  ],
  down: [
    'ALTER TABLE tenants DROP COLUMN default_must_set_up_two_factor',
    'ALTER TABLE tenants DROP COLUMN default_must_change_password',
    'ALTER TABLE tenants DROP COLUMN default_time_zone',
    'ALTER TABLE tenants DROP COLUMN default_locale',
    'ALTER TABLE tenants DROP COLUMN default_role_id',
  ],
};
