// The factors that an administrator took away, sealed and kept for as long as their owner can put them back.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0051-kept-factors',
  up: [
    `CREATE TABLE kept_factors (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      sealed_factors TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX kept_factors_of_user ON kept_factors (tenant_id, user_id)',
    'CREATE INDEX kept_factors_by_end ON kept_factors (expires_at)',
  ],
  down: ['DROP TABLE kept_factors'],
};
