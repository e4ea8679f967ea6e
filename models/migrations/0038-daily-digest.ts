// Who gets a mail each morning of what is to be told of the security log.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0038-daily-digest',
  up: [
    `CREATE TABLE digest_readers (
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      told_day VARCHAR(10) NOT NULL,
      told_at BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, user_id),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
  ],
  down: ['DROP TABLE digest_readers'],
};
