// Resets of who may change things of others wait for a second administrator: where that is decided, and what it stands on.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0050-two-person-resets',
  up: [
    'ALTER TABLE security_policies ADD COLUMN two_person_reset BOOLEAN NOT NULL DEFAULT FALSE',
    "ALTER TABLE approvals ADD COLUMN deciding_tenant_id VARCHAR(36) NOT NULL DEFAULT ''",
    'UPDATE approvals SET deciding_tenant_id = tenant_id',
    'ALTER TABLE approvals ADD COLUMN epoch INTEGER',
    'ALTER TABLE approvals ADD COLUMN requester_epoch INTEGER',
    'ALTER TABLE approvals ADD COLUMN minutes INTEGER',
    'CREATE INDEX approvals_by_decider ON approvals (deciding_tenant_id, created_at, id)',
  ],
  down: [
    'DROP INDEX approvals_by_decider',
    'ALTER TABLE approvals DROP COLUMN minutes',
    'ALTER TABLE approvals DROP COLUMN requester_epoch',
    'ALTER TABLE approvals DROP COLUMN epoch',
    'ALTER TABLE approvals DROP COLUMN deciding_tenant_id',
    'ALTER TABLE security_policies DROP COLUMN two_person_reset',
  ],
};
