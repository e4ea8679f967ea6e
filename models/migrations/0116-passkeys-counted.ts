// Whether somebody has a passkey is counted beside their other states: to look for it among a hundred thousand people takes too long for a page.
import { keptCounts } from './0112-user-counts.js';
import type { Migration } from './index.js';

const [before, after] = [keptCounts(), keptCounts('has_passkey')];
// Of nobody's rows but the triggers', and only for figures and lists: what lets somebody in asks the passkeys themselves.
const COLUMN = [
  'ALTER TABLE users ADD COLUMN has_passkey BOOLEAN NOT NULL DEFAULT FALSE',
  'UPDATE users SET has_passkey = TRUE WHERE id IN (SELECT user_id FROM passkeys)',
];
const NO_COLUMN = 'ALTER TABLE users DROP COLUMN has_passkey';
const LEFT = (row: string): string =>
  `EXISTS (SELECT 1 FROM passkeys WHERE tenant_id = ${row}.tenant_id AND user_id = ${row}.user_id)`;

export const migration: Migration = {
  name: '0116-passkeys-counted',
  up: [],
  sqlite: [
    ...before.sqliteDown,
    ...COLUMN,
    ...after.up,
    ...after.sqlite,
    `CREATE TRIGGER passkeys_added AFTER INSERT ON passkeys BEGIN
      UPDATE users SET has_passkey = TRUE WHERE id = new.user_id;
    END`,
    `CREATE TRIGGER passkeys_lost AFTER DELETE ON passkeys BEGIN
      UPDATE users SET has_passkey = ${LEFT('old')} WHERE id = old.user_id;
    END`,
  ],
  postgres: [
    ...before.postgresDown,
    ...COLUMN,
    ...after.up,
    ...after.postgres,
    // The row of the user first, by a statement of its own: the next one sees what whoever held it has done.
    `CREATE FUNCTION note_passkey() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM 1 FROM users WHERE id = new.user_id FOR UPDATE;
      UPDATE users SET has_passkey = TRUE WHERE id = new.user_id AND NOT has_passkey;
      RETURN NULL;
    END $$`,
    `CREATE FUNCTION note_lost_passkey() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM 1 FROM users WHERE id = old.user_id FOR UPDATE;
      UPDATE users SET has_passkey = FALSE WHERE id = old.user_id AND has_passkey AND NOT ${LEFT('old')};
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER passkeys_added AFTER INSERT ON passkeys FOR EACH ROW EXECUTE FUNCTION note_passkey()`,
    `CREATE TRIGGER passkeys_lost AFTER DELETE ON passkeys FOR EACH ROW EXECUTE FUNCTION note_lost_passkey()`,
  ],
  down: [],
  sqliteDown: [
    'DROP TRIGGER passkeys_lost',
    'DROP TRIGGER passkeys_added',
    ...after.sqliteDown,
    NO_COLUMN,
    ...before.up,
    ...before.sqlite,
  ],
  postgresDown: [
    'DROP TRIGGER passkeys_lost ON passkeys',
    'DROP TRIGGER passkeys_added ON passkeys',
    'DROP FUNCTION note_lost_passkey()',
    'DROP FUNCTION note_passkey()',
    ...after.postgresDown,
    NO_COLUMN,
    ...before.up,
    ...before.postgres,
  ],
};
