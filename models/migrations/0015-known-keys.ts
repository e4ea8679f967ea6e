// Which secret keys this database was made with, so that no other is taken for one of them.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0015-known-keys',
  up: [
    `CREATE TABLE known_keys (
      id VARCHAR(16) PRIMARY KEY,
      mac VARCHAR(64) NOT NULL,
      current_since BIGINT NOT NULL,
      retired_at BIGINT
    )`,
  ],
  down: ['DROP TABLE known_keys'],
};
