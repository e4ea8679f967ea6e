// Whether a passkey of one device that counts fewer uses than it did is refused.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0056-passkey-counter',
  up: [`ALTER TABLE security_policies ADD COLUMN passkey_counter TEXT NOT NULL DEFAULT 'report'`],
  down: ['ALTER TABLE security_policies DROP COLUMN passkey_counter'],
};
