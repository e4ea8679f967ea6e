// A change of the security policy that starts at a date: one of each organisation.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0035-scheduled-policies',
  up: [
    `CREATE TABLE scheduled_policies (
      tenant_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
      id VARCHAR(36) NOT NULL UNIQUE,
      differences TEXT NOT NULL,
      restored_id VARCHAR(36),
      starts_at BIGINT NOT NULL,
      time_zone VARCHAR(60) NOT NULL,
      created_at BIGINT NOT NULL,
      actor_id VARCHAR(36),
      actor_tenant_id VARCHAR(36),
      door VARCHAR(3) NOT NULL,
      ip VARCHAR(45),
      credential TEXT,
      doubted BOOLEAN NOT NULL DEFAULT FALSE,
      noticed_days INTEGER,
      noticed_to VARCHAR(40) NOT NULL DEFAULT ''
    )`,
    'CREATE INDEX scheduled_policies_by_start ON scheduled_policies (starts_at)',
  ],
  down: ['DROP TABLE scheduled_policies'],
};
