// A sign-in that stops between the password and the code: the mail about it waits, and goes when no code comes.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0023-stopped-sign-ins',
  up: ['ALTER TABLE challenges ADD COLUMN notice_id VARCHAR(36)'],
  down: ['ALTER TABLE challenges DROP COLUMN notice_id'],
};
