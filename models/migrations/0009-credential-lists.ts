// The API credentials of a whole tenant at size: an index for each order that its list is walked in.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0009-credential-lists',
  up: [
    'DROP INDEX api_credentials_by_use',
    'DROP INDEX api_credentials_by_tenant',
    'CREATE INDEX api_credentials_live ON api_credentials (tenant_id, created_at, id) WHERE revoked_at IS NULL',
    'CREATE INDEX api_credentials_live_by_user ON api_credentials (tenant_id, user_id, created_at, id) WHERE revoked_at IS NULL',
    'CREATE INDEX api_credentials_live_by_kind ON api_credentials (tenant_id, kind, created_at, id) WHERE revoked_at IS NULL',
    'CREATE INDEX api_credentials_live_by_expiry ON api_credentials (tenant_id, expires_at, id) WHERE revoked_at IS NULL',
    'CREATE INDEX api_credentials_live_by_months ON api_credentials (tenant_id, months, id) WHERE revoked_at IS NULL',
    // What was never used has been idle since it was made.
    'CREATE INDEX api_credentials_live_by_use ON api_credentials (tenant_id, COALESCE(last_used_at, created_at), id) WHERE revoked_at IS NULL',
  ],
  down: [
    'DROP INDEX api_credentials_live_by_use',
    'DROP INDEX api_credentials_live_by_months',
    'DROP INDEX api_credentials_live_by_expiry',
    'DROP INDEX api_credentials_live_by_kind',
    'DROP INDEX api_credentials_live_by_user',
    'DROP INDEX api_credentials_live',
    'CREATE INDEX api_credentials_by_tenant ON api_credentials (tenant_id, created_at, id)',
    'CREATE INDEX api_credentials_by_use ON api_credentials (tenant_id, last_used_at)',
  ],
};
