// Passkeys, their challenges that have been answered, how each session was signed in, and whether they are used at all.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0020-passkeys',
  up: [
    `CREATE TABLE passkeys (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      rp_id TEXT NOT NULL,
      credential_id TEXT NOT NULL,
      user_handle TEXT NOT NULL,
      public_key TEXT NOT NULL,
      counter BIGINT NOT NULL,
      transports TEXT NOT NULL,
      aaguid TEXT NOT NULL,
      synced BOOLEAN NOT NULL,
      backed_up BOOLEAN NOT NULL,
      verified BOOLEAN NOT NULL,
      sign_in_alone BOOLEAN NOT NULL,
      name TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      last_used_at BIGINT,
      last_used_ip TEXT,
      last_used_client TEXT,
      suspended_at BIGINT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (rp_id, credential_id)',
    'CREATE INDEX passkeys_of_user ON passkeys (tenant_id, user_id)',
    'CREATE TABLE passkey_challenges (hash VARCHAR(64) PRIMARY KEY, taken_at BIGINT NOT NULL)',
    'CREATE INDEX passkey_challenges_by_age ON passkey_challenges (taken_at)',
    `ALTER TABLE sessions ADD COLUMN amr TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE security_policies ADD COLUMN passkeys TEXT NOT NULL DEFAULT 'second-factor'`,
  ],
  down: [
    'ALTER TABLE security_policies DROP COLUMN passkeys',
    'ALTER TABLE sessions DROP COLUMN amr',
    'DROP TABLE passkey_challenges',
    'DROP TABLE passkeys',
  ],
};
