// Something done to many people: the job, and a row for each of them.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0021-user-jobs',
  up: [
    `CREATE TABLE user_jobs (
      id VARCHAR(36) PRIMARY KEY,
      tenant_id VARCHAR(36) NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
      action TEXT NOT NULL,
      state VARCHAR(10) NOT NULL,
      begun_by VARCHAR(36),
      epoch INTEGER,
      session_id VARCHAR(36),
      credential TEXT,
      door VARCHAR(3) NOT NULL,
      ip VARCHAR(45),
      client TEXT,
      role_id VARCHAR(36),
      reason TEXT NOT NULL,
      note TEXT,
      created_at BIGINT NOT NULL,
      begun_at BIGINT,
      ended_at BIGINT,
      worked_at BIGINT NOT NULL,
      UNIQUE (tenant_id, id)
    )`,
    `CREATE TABLE user_job_rows (
      tenant_id VARCHAR(36) NOT NULL,
      job_id VARCHAR(36) NOT NULL,
      place INTEGER NOT NULL,
      user_id VARCHAR(36),
      state VARCHAR(10) NOT NULL,
      note TEXT,
      input TEXT,
      PRIMARY KEY (job_id, place),
      FOREIGN KEY (tenant_id, job_id) REFERENCES user_jobs (tenant_id, id) ON DELETE CASCADE
    )`,
    `CREATE INDEX user_jobs_running ON user_jobs (worked_at, id) WHERE state = 'running'`,
    'CREATE INDEX user_jobs_by_age ON user_jobs (created_at)',
    'CREATE INDEX user_jobs_by_beginner ON user_jobs (tenant_id, begun_by)',
    'CREATE INDEX user_jobs_by_session ON user_jobs (session_id) WHERE session_id IS NOT NULL',
    'CREATE INDEX user_job_rows_by_state ON user_job_rows (job_id, state, place)',
    'CREATE INDEX user_job_rows_by_user ON user_job_rows (tenant_id, user_id)',
    'CREATE INDEX user_job_rows_by_job ON user_job_rows (tenant_id, job_id)',
  ],
  down: ['DROP TABLE user_job_rows', 'DROP TABLE user_jobs'],
};
