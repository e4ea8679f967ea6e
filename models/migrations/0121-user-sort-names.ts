// What people are put in order by, in a table for each: whoever looks at thousands in one order reads a third of the pages of the file.
import { migration as together } from './0119-user-sort-places.js';
import type { Migration } from './index.js';

interface Narrow {
  /** The table's name, and the word whose beginning it holds. */
  table: string;
  word: string;
  /** Further columns of those who are found, which the order goes by first. */
  before: readonly string[];
}

const TABLES: readonly Narrow[] = [
  { table: 'user_sort_names', word: 'name', before: [] },
  { table: 'user_sort_usernames', word: 'username', before: ['status'] },
  { table: 'user_sort_emails', word: 'email', before: [] },
];

const statementsOf = ({ table, word, before }: Narrow): string[] => {
  const columns = [...before, 'begins'].join(', ');
  const of = (row: string): string =>
    [...before.map((one) => `${row}.${one}`), `substr(${row}.${word}_key, 1, 16)`].join(', ');
  const kept = [...before, `${word}_key`];
  const moved = kept.map((column) => `new.${column} <> old.${column}`).join(' OR ');
  return [
    `CREATE TABLE ${table} (place INTEGER PRIMARY KEY, ${[...before, 'begins'].map((one) => `${one} TEXT NOT NULL`).join(', ')})`,
    `INSERT INTO ${table} (place, ${columns}) SELECT u.place, ${of('u')} FROM user_places u ORDER BY u.place`,
    `CREATE TRIGGER ${table}_added AFTER INSERT ON user_places BEGIN
      INSERT INTO ${table} (place, ${columns}) VALUES (new.place, ${of('new')});
    END`,
    `CREATE TRIGGER ${table}_changed AFTER UPDATE OF ${kept.join(', ')} ON user_places WHEN ${moved} BEGIN
      UPDATE ${table} SET (${columns}) = (SELECT ${of('new')}) WHERE place = new.place;
    END`,
    `CREATE TRIGGER ${table}_lost AFTER DELETE ON user_places BEGIN
      DELETE FROM ${table} WHERE place = old.place;
    END`,
  ];
};

export const migration: Migration = {
  name: '0121-user-sort-names',
  up: [],
  sqlite: [...(together.sqliteDown ?? []), ...TABLES.flatMap(statementsOf)],
  down: [],
  sqliteDown: [
    ...TABLES.flatMap(({ table }) => [
      ...['lost', 'changed', 'added'].map((when) => `DROP TRIGGER ${table}_${when}`),
      `DROP TABLE ${table}`,
    ]),
    ...(together.sqlite ?? []),
  ],
};
