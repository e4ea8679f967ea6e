// A name that thousands share, on SQLite: the first of them in an order are found by the beginnings of what they are sorted by.
import type { Migration } from './index.js';

const BEGINNINGS = ['name', 'username', 'email']
  .map((word) => `substr(row.${word}_key, 1, 16)`)
  .concat('row.status')
  .join(', ');
const of = (row: string): string => BEGINNINGS.replaceAll('row.', `${row}.`);
const KEPT = ['name_key', 'username_key', 'email_key', 'status'];
const MOVED = KEPT.map((column) => `new.${column} <> old.${column}`).join(' OR ');
const COLUMNS = 'name_begins, username_begins, email_begins, status';

export const migration: Migration = {
  name: '0119-user-sort-places',
  up: [],
  // Narrow, so that five thousand stand on a thousand pages of the file, and not on four thousand.
  sqlite: [
    `CREATE TABLE user_sort_places (
      place INTEGER PRIMARY KEY,
      name_begins TEXT NOT NULL,
      username_begins TEXT NOT NULL,
      email_begins TEXT NOT NULL,
      status TEXT NOT NULL
    )`,
    `INSERT INTO user_sort_places (place, ${COLUMNS}) SELECT u.place, ${of('u')} FROM user_places u ORDER BY u.place`,
    `CREATE TRIGGER user_places_sorted AFTER INSERT ON user_places BEGIN
      INSERT INTO user_sort_places (place, ${COLUMNS}) VALUES (new.place, ${of('new')});
    END`,
    `CREATE TRIGGER user_places_sorted_anew AFTER UPDATE OF ${KEPT.join(', ')} ON user_places WHEN ${MOVED} BEGIN
      UPDATE user_sort_places SET (${COLUMNS}) = (SELECT ${of('new')}) WHERE place = new.place;
    END`,
    `CREATE TRIGGER user_places_unsorted AFTER DELETE ON user_places BEGIN
      DELETE FROM user_sort_places WHERE place = old.place;
    END`,
  ],
  down: [],
  sqliteDown: [
    'DROP TRIGGER user_places_unsorted',
    'DROP TRIGGER user_places_sorted_anew',
    'DROP TRIGGER user_places_sorted',
    'DROP TABLE user_sort_places',
  ],
};
