// Who has lately got, or lost, what changes things of others: what one administrator alone could arrange before a reset.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0091-standing-moves',
  up: [
    // No foreign key to users: that somebody was deleted is what is to be known.
    `CREATE TABLE standing_moves (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
      user_id VARCHAR(36),
      kind VARCHAR(10) NOT NULL,
      at BIGINT NOT NULL
    )`,
    'CREATE INDEX standing_moves_by_age ON standing_moves (tenant_id, at)',
    'CREATE INDEX standing_moves_by_time ON standing_moves (at)',
  ],
  down: ['DROP TABLE standing_moves'],
};
