// Since when people are in: whoever accepts an invitation late has the same days of grace as everybody, from that day.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0090-joining',
  up: [
    'ALTER TABLE users ADD COLUMN joined_at BIGINT',
    `UPDATE users SET joined_at = created_at WHERE kind = 'service' OR password_changed_at IS NOT NULL`,
    // The log knows who came by an invitation, and when, as far as it goes back.
    `UPDATE users SET joined_at = e.at FROM (
       SELECT tenant_id, target_id, MAX(at) AS at FROM security_events WHERE event = 'invitation.accepted' GROUP BY tenant_id, target_id
     ) AS e WHERE e.tenant_id = users.tenant_id AND e.target_id = users.id`,
  ],
  down: ['ALTER TABLE users DROP COLUMN joined_at'],
};
