// Temporary access passes, and that a second factor which an administrator took away is not set up anew by the password alone.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0042-access-passes',
  up: [
    `CREATE TABLE access_passes (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      epoch INTEGER NOT NULL,
      pass_hash TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      used_at BIGINT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX access_passes_of_user ON access_passes (tenant_id, user_id)',
    'ALTER TABLE users ADD COLUMN enrolment_held BOOLEAN NOT NULL DEFAULT FALSE',
  ],
  down: ['ALTER TABLE users DROP COLUMN enrolment_held', 'DROP TABLE access_passes'],
};
