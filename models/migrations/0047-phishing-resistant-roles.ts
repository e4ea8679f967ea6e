// Whether a role lets its people in by a passkey alone, and since when it has.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0047-phishing-resistant-roles',
  up: [
    'ALTER TABLE roles ADD COLUMN requires_phishing_resistant BOOLEAN NOT NULL DEFAULT FALSE',
    'ALTER TABLE roles ADD COLUMN phishing_resistant_since BIGINT NOT NULL DEFAULT 0',
  ],
  down: [
    'ALTER TABLE roles DROP COLUMN phishing_resistant_since',
    'ALTER TABLE roles DROP COLUMN requires_phishing_resistant',
  ],
};
