// The logo of an organisation: its name beside the organisation, which every page reads, and its bytes apart.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0070-tenant-logos',
  up: [
    'ALTER TABLE tenants ADD COLUMN logo VARCHAR(64)',
    'CREATE UNIQUE INDEX tenants_by_logo ON tenants (logo)',
    `CREATE TABLE tenant_logos (
      tenant_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
      content TEXT NOT NULL
    )`,
  ],
  down: ['DROP TABLE tenant_logos', 'DROP INDEX tenants_by_logo', 'ALTER TABLE tenants DROP COLUMN logo'],
};
