// Two-factor authentication: secrets, recovery codes, what stands between password and code, kept forms, remembered browsers.
import type { Migration } from './index.js';

const OWNER = 'FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE';

export const migration: Migration = {
  name: '0006-two-factor',
  up: [
    `CREATE TABLE totp_secrets (
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) PRIMARY KEY,
      sealed_secret TEXT NOT NULL,
      last_step BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      confirmed_at BIGINT,
      ${OWNER}
    )`,
    `CREATE TABLE recovery_codes (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      code_hash VARCHAR(64) NOT NULL,
      key_id VARCHAR(16) NOT NULL,
      created_at BIGINT NOT NULL,
      used_at BIGINT,
      replaced_at BIGINT,
      UNIQUE (user_id, code_hash),
      ${OWNER}
    )`,
    `CREATE TABLE challenges (
      id VARCHAR(36) PRIMARY KEY,
      token_hash VARCHAR(64) NOT NULL UNIQUE,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      epoch INTEGER NOT NULL,
      counter VARCHAR(200) NOT NULL,
      new_browser BOOLEAN NOT NULL,
      next TEXT NOT NULL,
      tries INTEGER NOT NULL,
      created_at BIGINT NOT NULL,
      ended_at BIGINT,
      ${OWNER}
    )`,
    'CREATE INDEX challenges_by_age ON challenges (created_at)',
    `CREATE TABLE kept_forms (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      session_id VARCHAR(36) NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      path VARCHAR(2048) NOT NULL,
      sealed_fields TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      ${OWNER}
    )`,
    'CREATE INDEX kept_forms_by_age ON kept_forms (created_at)',
    `CREATE TABLE remembered_browsers (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      token_hash VARCHAR(64) NOT NULL UNIQUE,
      epoch INTEGER NOT NULL,
      client TEXT NOT NULL,
      ip VARCHAR(45) NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      last_used_at BIGINT NOT NULL,
      ended_at BIGINT,
      ${OWNER}
    )`,
    'CREATE INDEX remembered_browsers_by_user ON remembered_browsers (tenant_id, user_id)',
    'ALTER TABLE security_policies ADD COLUMN remember_browser_days INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE security_policies ADD COLUMN two_factor_since BIGINT NOT NULL DEFAULT 0',
    'ALTER TABLE users ADD COLUMN two_factor_since BIGINT NOT NULL DEFAULT 0',
    'ALTER TABLE roles ADD COLUMN two_factor_since BIGINT NOT NULL DEFAULT 0',
  ],
  down: [
    'ALTER TABLE roles DROP COLUMN two_factor_since',
    'ALTER TABLE users DROP COLUMN two_factor_since',
    'ALTER TABLE security_policies DROP COLUMN two_factor_since',
    'ALTER TABLE security_policies DROP COLUMN remember_browser_days',
    'DROP TABLE remembered_browsers',
    'DROP TABLE kept_forms',
    'DROP TABLE challenges',
    'DROP TABLE recovery_codes',
    'DROP TABLE totp_secrets',
  ],
};
