// API credentials: who ended one, and why; and of each address when it was first used from there, and whether its owner was told.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0033-credential-history',
  up: [
    'ALTER TABLE api_credentials ADD COLUMN ended_by VARCHAR(36)',
    'ALTER TABLE api_credentials ADD COLUMN ended_because VARCHAR(20)',
    // Null of an address from before this was kept, which is no news.
    'ALTER TABLE api_credential_addresses ADD COLUMN first_used_at BIGINT',
    'ALTER TABLE api_credential_addresses ADD COLUMN told_at BIGINT',
  ],
  down: [
    'ALTER TABLE api_credential_addresses DROP COLUMN told_at',
    'ALTER TABLE api_credential_addresses DROP COLUMN first_used_at',
    'ALTER TABLE api_credentials DROP COLUMN ended_because',
    'ALTER TABLE api_credentials DROP COLUMN ended_by',
  ],
};
