// Credentials for programs: API tokens, the API key, the API password; and SSH keys.
import type { Migration } from './index.js';

const OWNER = 'FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE';

export const migration: Migration = {
  name: '0007-api-credentials',
  up: [
    // The role may go: the credential then grants nothing, and its row still tells what it was.
    `CREATE TABLE api_credentials (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      kind VARCHAR(8) NOT NULL CHECK (kind IN ('token', 'key', 'password')),
      name VARCHAR(60) NOT NULL,
      role_id VARCHAR(36),
      scopes TEXT,
      allowed_ips TEXT NOT NULL,
      months INTEGER,
      created_at BIGINT NOT NULL,
      expires_at BIGINT,
      revoked_at BIGINT,
      last_used_at BIGINT,
      last_used_ip VARCHAR(45),
      noticed_days INTEGER,
      UNIQUE (tenant_id, id),
      ${OWNER}
    )`,
    "CREATE UNIQUE INDEX api_credentials_one_live ON api_credentials (user_id, kind) WHERE revoked_at IS NULL AND kind <> 'token'",
    'CREATE INDEX api_credentials_by_user ON api_credentials (tenant_id, user_id, created_at)',
    'CREATE INDEX api_credentials_by_tenant ON api_credentials (tenant_id, created_at, id)',
    'CREATE INDEX api_credentials_by_expiry ON api_credentials (expires_at) WHERE revoked_at IS NULL AND expires_at IS NOT NULL',
    'CREATE INDEX api_credentials_by_use ON api_credentials (tenant_id, last_used_at)',
    // A credential has one secret, and while it is rotated with an overlap a second that dies by itself.
    `CREATE TABLE api_credential_secrets (
      public_id VARCHAR(12) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      credential_id VARCHAR(36) NOT NULL,
      secret_hash VARCHAR(64) NOT NULL,
      created_at BIGINT NOT NULL,
      dies_at BIGINT,
      last_used_at BIGINT,
      FOREIGN KEY (tenant_id, credential_id) REFERENCES api_credentials (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX api_credential_secrets_by_credential ON api_credential_secrets (tenant_id, credential_id)',
    `CREATE TABLE api_credential_addresses (
      credential_id VARCHAR(36) NOT NULL,
      tenant_id VARCHAR(36) NOT NULL,
      ip VARCHAR(45) NOT NULL,
      last_used_at BIGINT NOT NULL,
      PRIMARY KEY (credential_id, ip),
      FOREIGN KEY (tenant_id, credential_id) REFERENCES api_credentials (tenant_id, id) ON DELETE CASCADE
    )`,
    `CREATE TABLE ssh_keys (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      name VARCHAR(100) NOT NULL,
      type VARCHAR(64) NOT NULL,
      bits INTEGER NOT NULL,
      fingerprint VARCHAR(64) NOT NULL,
      blob TEXT NOT NULL,
      comment VARCHAR(255) NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT,
      last_used_at BIGINT,
      UNIQUE (user_id, fingerprint),
      ${OWNER}
    )`,
    'CREATE INDEX ssh_keys_by_user ON ssh_keys (tenant_id, user_id, created_at)',
  ],
  down: [
    'DROP TABLE ssh_keys',
    'DROP TABLE api_credential_addresses',
    'DROP TABLE api_credential_secrets',
    'DROP TABLE api_credentials',
  ],
};
