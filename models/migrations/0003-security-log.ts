// The security log: rows that only grow, chained by a keyed hash, with the head of each chain kept apart.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0003-security-log',
  up: [
    // No foreign keys: what happened stays told when the user, or the whole tenant, is gone.
    `CREATE TABLE security_events (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL,
      seq BIGINT NOT NULL,
      at BIGINT NOT NULL,
      event VARCHAR(60) NOT NULL,
      level VARCHAR(8) NOT NULL CHECK (level IN ('low', 'middle', 'high')),
      door VARCHAR(8) NOT NULL,
      actor_id VARCHAR(36),
      actor_tenant_id VARCHAR(36),
      target_type VARCHAR(24),
      target_id VARCHAR(36),
      ip VARCHAR(45),
      client TEXT,
      session_id VARCHAR(36),
      request_id VARCHAR(64),
      details TEXT NOT NULL,
      key_id VARCHAR(16) NOT NULL,
      hash VARCHAR(64) NOT NULL,
      UNIQUE (tenant_id, seq)
    )`,
    // People read the log by date; the place in the chain tells apart what happened in one millisecond.
    'CREATE INDEX security_events_by_event ON security_events (tenant_id, event, at, seq)',
    'CREATE INDEX security_events_by_level ON security_events (tenant_id, level, at, seq)',
    'CREATE INDEX security_events_by_actor ON security_events (tenant_id, actor_id, at, seq)',
    'CREATE INDEX security_events_by_target ON security_events (tenant_id, target_id, at, seq)',
    'CREATE INDEX security_events_by_time ON security_events (tenant_id, at, seq)',
    `CREATE TABLE security_log_heads (
      tenant_id VARCHAR(36) PRIMARY KEY,
      count BIGINT NOT NULL,
      hash VARCHAR(64) NOT NULL,
      key_id VARCHAR(16) NOT NULL,
      mac VARCHAR(64) NOT NULL
    )`,
  ],
  sqlite: [
    `CREATE TRIGGER security_events_no_update BEFORE UPDATE ON security_events
     BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END`,
    `CREATE TRIGGER security_events_no_delete BEFORE DELETE ON security_events
     BEGIN SELECT RAISE(ABORT, 'the security log is append-only'); END`,
  ],
  postgres: [
    `CREATE FUNCTION security_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'the security log is append-only'; END $$`,
    `CREATE TRIGGER security_events_append_only BEFORE UPDATE OR DELETE ON security_events
     FOR EACH ROW EXECUTE FUNCTION security_events_refuse()`,
    `CREATE TRIGGER security_events_no_truncate BEFORE TRUNCATE ON security_events
     FOR EACH STATEMENT EXECUTE FUNCTION security_events_refuse()`,
  ],
  down: ['DROP TABLE security_log_heads', 'DROP TABLE security_events'],
  postgresDown: ['DROP FUNCTION security_events_refuse()'],
};
