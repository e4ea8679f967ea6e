// Mails that go to somebody because of what they may do: looked at again when they are delivered.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0115-mails-by-role',
  up: ['ALTER TABLE outbox_messages ADD COLUMN only_for VARCHAR(40)'],
  down: ['ALTER TABLE outbox_messages DROP COLUMN only_for'],
};
