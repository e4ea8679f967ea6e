// Searching users on SQLite: those of a name that thousands share are put in order without reading their rows, and one or two letters are found.
import type { Migration } from './index.js';

/** All that lists go by. */
const COLUMNS = ['tenant_id', 'kind', 'status', 'two_factor', 'break_glass', 'locked_until', 'last_signed_in_at']
  .concat(['created_at', 'name_key', 'username_key', 'email_key', 'search_key'])
  .join(', ');
const NEW = COLUMNS.replaceAll(/\w+/g, 'new.$&');

// Made anew, as rows that were replaced are passed by for ever.
const EMPTY = [
  'DROP TABLE user_trigrams',
  `CREATE VIRTUAL TABLE user_trigrams USING fts5(
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  )`,
];
// Two blanks at the end: with them one letter, and two, are the beginning of three wherever they stand.
const INDEX = `INSERT OR REPLACE INTO user_trigrams (rowid, text) SELECT place, search_key || '  ' FROM user_places`;

const TRIGGERS = ['users_lost', 'users_found_anew', 'users_found'];
const LOST = `CREATE TRIGGER users_lost AFTER DELETE ON users BEGIN
  DELETE FROM user_trigrams WHERE rowid = (SELECT place FROM user_places WHERE id = old.id);
  DELETE FROM user_places WHERE id = old.id;
END`;
const away = TRIGGERS.map((trigger) => `DROP TRIGGER ${trigger}`);

export const migration: Migration = {
  name: '0113-user-places',
  up: [],
  sqlite: [
    ...away,
    'ALTER TABLE user_places RENAME TO former_places',
    // Called as in `users`, so that the conditions and orders of a list can be asked of either.
    `CREATE TABLE user_places (
      place INTEGER PRIMARY KEY,
      id VARCHAR(36) NOT NULL UNIQUE,
      tenant_id VARCHAR(36) NOT NULL,
      kind VARCHAR(16) NOT NULL,
      status VARCHAR(16) NOT NULL,
      two_factor VARCHAR(16) NOT NULL,
      break_glass BOOLEAN NOT NULL,
      locked_until BIGINT,
      last_signed_in_at BIGINT,
      created_at BIGINT NOT NULL,
      name_key TEXT NOT NULL,
      username_key TEXT NOT NULL,
      email_key TEXT,
      search_key TEXT NOT NULL
    )`,
    `INSERT INTO user_places (place, id, ${COLUMNS})
      SELECT former.place, u.id, ${COLUMNS} FROM former_places former JOIN users u ON u.id = former.found_id ORDER BY former.place`,
    'DROP TABLE former_places',
    ...EMPTY,
    `${INDEX} ORDER BY place`,
    `CREATE TRIGGER users_found AFTER INSERT ON users BEGIN
      INSERT INTO user_places (id, ${COLUMNS}) VALUES (new.id, ${NEW});
      ${INDEX} WHERE id = new.id;
    END`,
    `CREATE TRIGGER users_placed AFTER UPDATE OF ${COLUMNS} ON users BEGIN
      UPDATE user_places SET (${COLUMNS}) = (SELECT ${NEW}) WHERE id = old.id;
    END`,
    `CREATE TRIGGER users_found_anew AFTER UPDATE OF search_key ON user_places WHEN new.search_key <> old.search_key BEGIN
      ${INDEX} WHERE place = new.place;
    END`,
    LOST,
    "CREATE VIRTUAL TABLE user_trigrams_there USING fts5vocab('user_trigrams', 'row')",
  ],
  down: [],
  sqliteDown: [
    'DROP TABLE user_trigrams_there',
    'DROP TRIGGER users_placed',
    ...away,
    'ALTER TABLE user_places RENAME TO later_places',
    'CREATE TABLE user_places (place INTEGER PRIMARY KEY, found_id VARCHAR(36) NOT NULL UNIQUE)',
    'INSERT INTO user_places (place, found_id) SELECT place, id FROM later_places ORDER BY place',
    ...EMPTY,
    'INSERT INTO user_trigrams (rowid, text) SELECT place, search_key FROM later_places ORDER BY place',
    'DROP TABLE later_places',
    `CREATE TRIGGER users_found AFTER INSERT ON users BEGIN
      INSERT INTO user_places (found_id) VALUES (new.id);
      INSERT INTO user_trigrams (rowid, text) SELECT place, new.search_key FROM user_places WHERE found_id = new.id;
    END`,
    `CREATE TRIGGER users_found_anew AFTER UPDATE OF search_key ON users WHEN new.search_key <> old.search_key BEGIN
      INSERT OR REPLACE INTO user_trigrams (rowid, text) SELECT place, new.search_key FROM user_places WHERE found_id = new.id;
    END`,
    LOST.replaceAll('WHERE id', 'WHERE found_id'),
  ],
};
