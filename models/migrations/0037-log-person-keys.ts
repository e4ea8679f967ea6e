// What names a person in the security log is sealed under a key of that person's own, which goes with the account.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0037-log-person-keys',
  up: [
    `CREATE TABLE log_person_keys (
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) PRIMARY KEY,
      sealed_key TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX log_person_keys_by_tenant ON log_person_keys (tenant_id, user_id)',
  ],
  down: ['DROP TABLE log_person_keys'],
};
