// API credentials: finding those that ended long ago, among any number.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0010-credential-purge',
  up: ['CREATE INDEX api_credentials_by_revocation ON api_credentials (revoked_at) WHERE revoked_at IS NOT NULL'],
  down: ['DROP INDEX api_credentials_by_revocation'],
};
