// Names once held: usernames are identities on servers and in applications, and must not pass to somebody else unseen.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0016-former-names',
  up: [
    // Keyed hashes, which nobody can read: whoever was deleted stays forgotten. The scope is a tenant, or all short names.
    `CREATE TABLE former_names (
      scope VARCHAR(36) NOT NULL,
      hash VARCHAR(64) NOT NULL,
      key_id VARCHAR(16) NOT NULL,
      held_by VARCHAR(36) NOT NULL,
      given_up_at BIGINT NOT NULL,
      PRIMARY KEY (scope, hash)
    )`,
  ],
  down: ['DROP TABLE former_names'],
};
