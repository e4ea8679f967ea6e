// The check-up: what somebody has put off; and of the security log how often each event happened on each day.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0028-checkup',
  up: [
    `CREATE TABLE checkup_postponements (
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      item VARCHAR(40) NOT NULL,
      created_at BIGINT NOT NULL,
      ends_at BIGINT NOT NULL,
      PRIMARY KEY (user_id, item),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX checkup_postponements_by_end ON checkup_postponements (ends_at)',
    // Days of UTC, counted from 1970. As the log itself, without foreign keys.
    `CREATE TABLE security_event_days (
      tenant_id VARCHAR(36) NOT NULL,
      event VARCHAR(60) NOT NULL,
      day INTEGER NOT NULL,
      happened BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, event, day)
    )`,
    `INSERT INTO security_event_days (tenant_id, event, day, happened)
      SELECT tenant_id, event, at / 86400000, COUNT(*) FROM security_events GROUP BY tenant_id, event, at / 86400000`,
    // Those that have gone are nearly all.
    "CREATE INDEX outbox_messages_left ON outbox_messages (tenant_id, created_at) WHERE state <> 'sent'",
  ],
  down: ['DROP INDEX outbox_messages_left', 'DROP TABLE security_event_days', 'DROP TABLE checkup_postponements'],
};
