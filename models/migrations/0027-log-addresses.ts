// The security log by the address that something was done from.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0027-log-addresses',
  up: ['CREATE INDEX security_events_by_ip ON security_events (tenant_id, ip, at, seq)'],
  down: ['DROP INDEX security_events_by_ip'],
};
