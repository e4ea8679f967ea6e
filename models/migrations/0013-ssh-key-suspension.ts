// SSH keys: a key whose origin is in doubt waits for its owner, and is neither left nor deleted by guess.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0013-ssh-key-suspension',
  up: ['ALTER TABLE ssh_keys ADD COLUMN suspended_at BIGINT'],
  down: ['ALTER TABLE ssh_keys DROP COLUMN suspended_at'],
};
