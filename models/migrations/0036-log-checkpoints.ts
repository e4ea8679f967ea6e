// Checkpoints of the security log, who gets them by mail, how far a walk over it is, and where it begins once old rows
// have been archived.
import type { Migration } from './index.js';

// A row may go once the signed beginning of the chain is behind it.
const ARCHIVED = `COALESCE((SELECT archived_count FROM security_log_heads WHERE tenant_id = OLD.tenant_id), 0)`;

const COLUMNS = ['mac', 'key_id', 'hash', 'count'].map(
  (name) => `ALTER TABLE security_log_heads DROP COLUMN archived_${name}`,
);

export const migration: Migration = {
  name: '0036-log-checkpoints',
  up: [
    // As the log itself, without foreign keys: they stand for it when the organisation is gone.
    `CREATE TABLE log_checkpoints (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      count BIGINT NOT NULL,
      hash VARCHAR(64) NOT NULL,
      made_at BIGINT NOT NULL,
      made_by VARCHAR(36),
      key_id VARCHAR(16) NOT NULL,
      mac VARCHAR(64) NOT NULL,
      exported_at BIGINT,
      UNIQUE (tenant_id, count)
    )`,
    'CREATE INDEX log_checkpoints_by_time ON log_checkpoints (tenant_id, made_at)',
    `CREATE TABLE log_checkpoint_readers (
      tenant_id VARCHAR(36) NOT NULL,
      user_id VARCHAR(36) NOT NULL,
      since BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, user_id),
      FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
    )`,
    `CREATE TABLE log_walks (
      tenant_id VARCHAR(36) NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
      state VARCHAR(8) NOT NULL,
      asked_by VARCHAR(36),
      asked_at BIGINT NOT NULL,
      done_at BIGINT,
      seq BIGINT NOT NULL,
      before_hash VARCHAR(64) NOT NULL,
      goal BIGINT NOT NULL,
      goal_hash VARCHAR(64) NOT NULL,
      mac VARCHAR(64) NOT NULL,
      why VARCHAR(300)
    )`,
    "CREATE INDEX log_walks_running ON log_walks (asked_at) WHERE state = 'running'",
    'ALTER TABLE security_log_heads ADD COLUMN archived_count BIGINT NOT NULL DEFAULT 0',
    `ALTER TABLE security_log_heads ADD COLUMN archived_hash VARCHAR(64) NOT NULL DEFAULT ''`,
    `ALTER TABLE security_log_heads ADD COLUMN archived_key_id VARCHAR(16) NOT NULL DEFAULT ''`,
    `ALTER TABLE security_log_heads ADD COLUMN archived_mac VARCHAR(64) NOT NULL DEFAULT ''`,
    'ALTER TABLE security_policies ADD COLUMN log_retention_days INTEGER NOT NULL DEFAULT 0',
  ],
  sqlite: [
    'DROP TRIGGER security_events_no_delete',
    `CREATE TRIGGER security_events_no_delete BEFORE DELETE ON security_events WHEN OLD.seq > ${ARCHIVED}
     BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END`,
  ],
  postgres: [
    `CREATE OR REPLACE FUNCTION security_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN
       IF TG_OP = 'DELETE' THEN
         IF OLD.seq <= ${ARCHIVED} THEN RETURN OLD; END IF;
       END IF;
       RAISE EXCEPTION 'the security log is append-only';
     END $$`,
  ],
  down: [
    'ALTER TABLE security_policies DROP COLUMN log_retention_days',
    'DROP TABLE log_walks',
    'DROP TABLE log_checkpoint_readers',
    'DROP TABLE log_checkpoints',
  ],
  // The trigger before the column that it reads.
  sqliteDown: [
    'DROP TRIGGER security_events_no_delete',
    ...COLUMNS,
    `CREATE TRIGGER security_events_no_delete BEFORE DELETE ON security_events
     BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END`,
  ],
  postgresDown: [
    `CREATE OR REPLACE FUNCTION security_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'the security log is append-only'; END $$`,
    ...COLUMNS,
  ],
};
