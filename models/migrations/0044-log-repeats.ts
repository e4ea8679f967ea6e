// What fails again and again is counted here for a minute, and then a row of the log; which checkpoint a mail carries; and
// subjects of mails without the links that some have held.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0044-log-repeats',
  up: [
    // As the log itself, without foreign keys: what was counted of who is gone is written all the same.
    `CREATE TABLE log_repeats (
      key VARCHAR(64) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      event VARCHAR(60) NOT NULL,
      door VARCHAR(8) NOT NULL,
      actor_id VARCHAR(36),
      actor_tenant_id VARCHAR(36),
      target_id VARCHAR(36),
      details TEXT NOT NULL,
      ip VARCHAR(64),
      client TEXT,
      ends_at BIGINT NOT NULL,
      times INTEGER NOT NULL,
      first_at BIGINT NOT NULL,
      last_at BIGINT NOT NULL
    )`,
    'CREATE INDEX log_repeats_by_end ON log_repeats (ends_at)',
    'ALTER TABLE outbox_messages ADD COLUMN checkpoint_id VARCHAR(36)',
    // A value has no address in it, and a template could hold none but as a link.
    `UPDATE outbox_messages SET subject = 'Mail of before: its subject is not kept' WHERE subject LIKE '%://%'`,
  ],
  down: ['ALTER TABLE outbox_messages DROP COLUMN checkpoint_id', 'DROP TABLE log_repeats'],
};
