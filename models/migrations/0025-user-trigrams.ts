// Searching users by any three letters that stand side by side, for names, usernames and addresses of a hundred thousand.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0025-user-trigrams',
  up: [],
  sqlite: [
    // The place of a user in the index. What SQLite itself numbers rows by may change when a file is packed anew.
    `CREATE TABLE user_places (
      place INTEGER PRIMARY KEY,
      found_id VARCHAR(36) NOT NULL UNIQUE
    )`,
    // Holds which users have which three letters, and no text: that stands in `users.search_key`, folded already.
    `CREATE VIRTUAL TABLE user_trigrams USING fts5(
      text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
    )`,
    'INSERT INTO user_places (found_id) SELECT id FROM users ORDER BY id',
    `INSERT INTO user_trigrams (rowid, text)
      SELECT place.place, u.search_key FROM user_places place JOIN users u ON u.id = place.found_id ORDER BY place.place`,
    `CREATE TRIGGER users_found AFTER INSERT ON users BEGIN
      INSERT INTO user_places (found_id) VALUES (new.id);
      INSERT INTO user_trigrams (rowid, text) SELECT place, new.search_key FROM user_places WHERE found_id = new.id;
    END`,
    `CREATE TRIGGER users_found_anew AFTER UPDATE OF search_key ON users WHEN new.search_key <> old.search_key BEGIN
      INSERT OR REPLACE INTO user_trigrams (rowid, text) SELECT place, new.search_key FROM user_places WHERE found_id = new.id;
    END`,
    `CREATE TRIGGER users_lost AFTER DELETE ON users BEGIN
      DELETE FROM user_trigrams WHERE rowid = (SELECT place FROM user_places WHERE found_id = old.id);
      DELETE FROM user_places WHERE found_id = old.id;
    END`,
  ],
  postgres: [
    // Trusted since PostgreSQL 13, so whoever owns the database may make it, where the server has it at all. Without it
    // everything works and searching takes longer: `doctor` says so, and what to do.
    `DO $$ BEGIN
      CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION WHEN OTHERS THEN NULL; END $$`,
    `DO $$ DECLARE place text; BEGIN
      SELECT extnamespace::regnamespace::text INTO place FROM pg_extension WHERE extname = 'pg_trgm';
      IF place IS NOT NULL THEN
        EXECUTE format('CREATE INDEX users_by_trigram ON users USING gin (search_key %s.gin_trgm_ops)', place);
      END IF;
    END $$`,
  ],
  down: [],
  sqliteDown: [
    'DROP TRIGGER users_lost',
    'DROP TRIGGER users_found_anew',
    'DROP TRIGGER users_found',
    'DROP TABLE user_trigrams',
    'DROP TABLE user_places',
  ],
  postgresDown: ['DROP INDEX IF EXISTS users_by_trigram'],
};
