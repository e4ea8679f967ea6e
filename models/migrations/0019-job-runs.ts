// When each job last ran, how that ended, and when it is to run next: what an operator looks at.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0019-job-runs',
  up: [
    `CREATE TABLE job_runs (
      name VARCHAR(40) PRIMARY KEY,
      ran_at BIGINT NOT NULL,
      succeeded_at BIGINT,
      failures INTEGER NOT NULL,
      next_at BIGINT NOT NULL
    )`,
  ],
  down: ['DROP TABLE job_runs'],
};
