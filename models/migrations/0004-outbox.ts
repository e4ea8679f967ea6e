// Mail: written in the transaction of what it tells of, delivered by a worker afterwards.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0004-outbox',
  up: [
    // The body may hold a link, so it is sealed, and emptied once the mail has gone.
    `CREATE TABLE outbox_messages (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
      user_id VARCHAR(36),
      event VARCHAR(60) NOT NULL,
      recipient VARCHAR(254) NOT NULL,
      subject VARCHAR(300) NOT NULL,
      sealed_body TEXT,
      state VARCHAR(16) NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
      tries INTEGER NOT NULL,
      next_try_at BIGINT NOT NULL,
      last_error VARCHAR(500),
      created_at BIGINT NOT NULL,
      sent_at BIGINT
    )`,
    "CREATE INDEX outbox_messages_due ON outbox_messages (next_try_at) WHERE state = 'queued'",
    'CREATE INDEX outbox_messages_by_tenant ON outbox_messages (tenant_id, created_at)',
  ],
  down: ['DROP TABLE outbox_messages'],
};
