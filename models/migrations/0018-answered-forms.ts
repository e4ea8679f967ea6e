// A form sent twice: what the first sending was answered, for the second.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0018-answered-forms',
  up: [
    `CREATE TABLE answered_forms (
      id VARCHAR(64) PRIMARY KEY,
      session_id VARCHAR(36),
      created_at BIGINT NOT NULL,
      answered_at BIGINT,
      sealed_answer TEXT
    )`,
    'CREATE INDEX answered_forms_by_age ON answered_forms (created_at)',
    'CREATE INDEX answered_forms_readable ON answered_forms (answered_at) WHERE sealed_answer IS NOT NULL',
  ],
  down: ['DROP TABLE answered_forms'],
};
