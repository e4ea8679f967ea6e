// Whether people sign in with a password at all, and since when they have not.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0055-password-sign-in',
  up: [
    `ALTER TABLE security_policies ADD COLUMN password_sign_in TEXT NOT NULL DEFAULT 'allowed'`,
    'ALTER TABLE security_policies ADD COLUMN password_forbidden_since BIGINT NOT NULL DEFAULT 0',
  ],
  down: [
    'ALTER TABLE security_policies DROP COLUMN password_forbidden_since',
    'ALTER TABLE security_policies DROP COLUMN password_sign_in',
  ],
};
