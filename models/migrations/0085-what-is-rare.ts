// What is rare among many: the accounts that only programs use, and the next mail among thousands that wait.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0085-what-is-rare',
  up: [
    'CREATE INDEX users_by_kind ON users (tenant_id, kind, name_key, id)',
    'DROP INDEX outbox_messages_due',
    `CREATE INDEX outbox_messages_due ON outbox_messages ((CASE WHEN event = 'invitation' THEN 1 ELSE 0 END), next_try_at, id)
     WHERE state = 'queued'`,
  ],
  down: [
    'DROP INDEX outbox_messages_due',
    `CREATE INDEX outbox_messages_due ON outbox_messages (next_try_at) WHERE state = 'queued'`,
    'DROP INDEX users_by_kind',
  ],
};
