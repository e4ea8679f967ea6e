// SSH keys among the credentials of a whole tenant: an index for each order that the list is walked in, and for what never ends.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0060-ssh-key-lists',
  up: [
    'DROP INDEX ssh_keys_by_user',
    'CREATE INDEX ssh_keys_by_user ON ssh_keys (tenant_id, user_id, created_at, id)',
    'CREATE INDEX ssh_keys_by_age ON ssh_keys (tenant_id, created_at, id)',
    'CREATE INDEX ssh_keys_by_expiry ON ssh_keys (tenant_id, expires_at, id)',
    'CREATE INDEX ssh_keys_by_use ON ssh_keys (tenant_id, COALESCE(last_used_at, created_at), id)',
    'CREATE INDEX ssh_keys_endless ON ssh_keys (tenant_id, created_at, id) WHERE expires_at IS NULL',
    'CREATE INDEX api_credentials_endless ON api_credentials (tenant_id, created_at, id) WHERE revoked_at IS NULL AND expires_at IS NULL',
  ],
  down: [
    'DROP INDEX api_credentials_endless',
    'DROP INDEX ssh_keys_endless',
    'DROP INDEX ssh_keys_by_use',
    'DROP INDEX ssh_keys_by_expiry',
    'DROP INDEX ssh_keys_by_age',
    'DROP INDEX ssh_keys_by_user',
    'CREATE INDEX ssh_keys_by_user ON ssh_keys (tenant_id, user_id, created_at)',
  ],
};
