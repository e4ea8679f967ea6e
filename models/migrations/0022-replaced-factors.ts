// A set-up that replaces an active second factor: what is kept of who is in the middle of one now cannot tell, so it counts as such
// where its owner ever had recovery codes.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0022-replaced-factors',
  up: [
    'ALTER TABLE totp_secrets ADD COLUMN replaces_active BOOLEAN NOT NULL DEFAULT FALSE',
    `UPDATE totp_secrets SET replaces_active = TRUE
      WHERE confirmed_at IS NULL AND EXISTS (SELECT 1 FROM recovery_codes WHERE recovery_codes.user_id = totp_secrets.user_id)`,
  ],
  down: ['ALTER TABLE totp_secrets DROP COLUMN replaces_active'],
};
