// Signing in: sessions, browsers that have signed in before, counters of failures, mailed links, the setup code.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0002-sessions-throttles-links',
  up: [
    `CREATE TABLE sessions (
      id VARCHAR(36) PRIMARY KEY,
      sid_hash VARCHAR(64) NOT NULL UNIQUE,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      epoch INTEGER NOT NULL,
      ip VARCHAR(45) NOT NULL,
      client TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      last_seen_at BIGINT NOT NULL,
      authenticated_at BIGINT NOT NULL,
      modified_at BIGINT NOT NULL,
      ended_at BIGINT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at) WHERE ended_at IS NULL',
    'CREATE INDEX sessions_by_age ON sessions (created_at)',
    `CREATE TABLE known_browsers (
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      browser_hash VARCHAR(64) NOT NULL,
      created_at BIGINT NOT NULL,
      last_used_at BIGINT NOT NULL,
      PRIMARY KEY (user_id, browser_hash),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    `CREATE TABLE throttles (
      key VARCHAR(120) PRIMARY KEY,
      points INTEGER NOT NULL,
      window_ends_at BIGINT NOT NULL,
      blocked_until BIGINT NOT NULL,
      blocks INTEGER NOT NULL
    )`,
    'CREATE INDEX throttles_by_end ON throttles (window_ends_at)',
    `CREATE TABLE links (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      kind VARCHAR(32) NOT NULL,
      token_hash VARCHAR(64) NOT NULL UNIQUE,
      epoch INTEGER NOT NULL,
      email VARCHAR(254) NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      used_at BIGINT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE UNIQUE INDEX links_one_live ON links (user_id, kind) WHERE used_at IS NULL',
    `CREATE TABLE setup_codes (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      code_hash VARCHAR(64) NOT NULL,
      created_at BIGINT NOT NULL,
      used_at BIGINT
    )`,
    `CREATE TABLE leases (
      name VARCHAR(60) PRIMARY KEY,
      holder VARCHAR(60) NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
  ],
  // Counters are forgotten by the beginning of their key, which must not depend on how people sort.
  postgres: ['ALTER TABLE throttles ALTER COLUMN key TYPE VARCHAR(120) COLLATE "C"'],
  down: [
    'DROP TABLE leases',
    'DROP TABLE setup_codes',
    'DROP TABLE links',
    'DROP TABLE throttles',
    'DROP TABLE known_browsers',
    'DROP TABLE sessions',
  ],
};
