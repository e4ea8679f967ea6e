// "This wasn't me": its mailed links, and accounts whose way back an administrator has to open.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0008-disavowal',
  up: [
    // Every security mail holds one, and a newer mail must not void the link of an older.
    'DROP INDEX links_one_live',
    "CREATE UNIQUE INDEX links_one_live ON links (user_id, kind) WHERE used_at IS NULL AND kind <> 'disavowal'",
    'CREATE INDEX links_by_user ON links (tenant_id, user_id, created_at)',
    'ALTER TABLE links ADD COLUMN about VARCHAR(60)',
    'ALTER TABLE users ADD COLUMN reset_held BOOLEAN NOT NULL DEFAULT FALSE',
  ],
  down: [
    'ALTER TABLE users DROP COLUMN reset_held',
    "DELETE FROM links WHERE kind = 'disavowal'",
    'ALTER TABLE links DROP COLUMN about',
    'DROP INDEX links_by_user',
    'DROP INDEX links_one_live',
    'CREATE UNIQUE INDEX links_one_live ON links (user_id, kind) WHERE used_at IS NULL',
  ],
};
