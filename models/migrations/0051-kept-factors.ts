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
    // Nor must an administrator who takes twice void the link that puts back what was there first.
    'DROP INDEX links_one_live',
    "CREATE UNIQUE INDEX links_one_live ON links (user_id, kind) WHERE used_at IS NULL AND kind NOT IN ('disavowal', 'undo')",
  ],
  down: [
    "DELETE FROM links WHERE kind = 'undo'",
    'DROP INDEX links_one_live',
    "CREATE UNIQUE INDEX links_one_live ON links (user_id, kind) WHERE used_at IS NULL AND kind <> 'disavowal'",
    'DROP TABLE kept_factors',
  ],
};
