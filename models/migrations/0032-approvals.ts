// What somebody has asked for and another must approve first; and API tokens that wait for it, by what their role says.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0032-approvals',
  up: [
    `CREATE TABLE approvals (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      kind VARCHAR(20) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      subject_id VARCHAR(36) NOT NULL,
      requested_by VARCHAR(36),
      reason TEXT NOT NULL,
      state VARCHAR(10) NOT NULL,
      decided_by VARCHAR(36),
      decided_at BIGINT,
      answer TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      told_at BIGINT,
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    'CREATE INDEX approvals_by_age ON approvals (tenant_id, created_at, id)',
    'CREATE INDEX approvals_by_user ON approvals (tenant_id, user_id)',
    `CREATE UNIQUE INDEX approvals_waiting ON approvals (tenant_id, kind, subject_id) WHERE state = 'waiting'`,
    'CREATE INDEX approvals_by_creation ON approvals (created_at)',
    'ALTER TABLE roles ADD COLUMN tokens_need_approval BOOLEAN NOT NULL DEFAULT FALSE',
    'ALTER TABLE api_credentials ADD COLUMN waiting_since BIGINT',
  ],
  down: [
    'ALTER TABLE api_credentials DROP COLUMN waiting_since',
    'ALTER TABLE roles DROP COLUMN tokens_need_approval',
    'DROP TABLE approvals',
  ],
};
