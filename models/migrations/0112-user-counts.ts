// How many users an organisation has of each kind and state, kept beside them: to count a hundred thousand takes too long for a page.
import type { Migration } from './index.js';

/** A table of how many users there are of each kind, and the triggers that keep it; `also` names columns that say yes or no. */
export function keptCounts(
  ...also: string[]
): Required<Pick<Migration, 'up' | 'sqlite' | 'postgres' | 'sqliteDown' | 'postgresDown'>> {
  const columns = ['tenant_id', 'status', 'kind', 'two_factor', ...also];
  const KEY = columns.join(', ');
  const of = (row: 'new' | 'old'): string => columns.map((one) => `${row}.${one}`).join(', ');
  const MOVED = columns.map((one) => `new.${one} <> old.${one}`).join(' OR ');

  // Changed rows of SQLite stay one a kind: its writers take turns.
  const more = `INSERT INTO user_counts (${KEY}, people) VALUES (${of('new')}, 1)
  ON CONFLICT (${KEY}) DO UPDATE SET people = people + 1;`;
  const fewer = `UPDATE user_counts SET people = people - 1 WHERE (${KEY}) = (${of('old')});
  DELETE FROM user_counts WHERE (${KEY}) = (${of('old')}) AND people = 0;`;

  const COUNT = `INSERT INTO user_counts (${KEY}, people) SELECT ${KEY}, COUNT(*) FROM users GROUP BY ${KEY}`;

  return {
    // Without foreign keys: whoever removes an organisation removes its users, and with them what is counted.
    up: [
      `CREATE TABLE user_counts (
      tenant_id VARCHAR(36) NOT NULL,
      status VARCHAR(16) NOT NULL,
      kind VARCHAR(16) NOT NULL,
      two_factor VARCHAR(16) NOT NULL,${also.map((column) => `\n      ${column} BOOLEAN NOT NULL,`).join('')}
      people BIGINT NOT NULL
    )`,
      COUNT,
    ],
    sqlite: [
      `CREATE UNIQUE INDEX user_counts_by_kind ON user_counts (${KEY})`,
      `CREATE TRIGGER users_counted AFTER INSERT ON users BEGIN ${more} END`,
      `CREATE TRIGGER users_counted_anew AFTER UPDATE OF ${KEY} ON users WHEN ${MOVED} BEGIN ${fewer} ${more} END`,
      `CREATE TRIGGER users_uncounted AFTER DELETE ON users BEGIN ${fewer} END`,
    ],
    // What is more and what is less is a row of its own each time, and the sum is what counts: nobody waits for a row that
    // somebody else changes, and no two for each other. `countAnew` makes one of many.
    postgres: [
      `CREATE INDEX user_counts_by_kind ON user_counts (${KEY}) INCLUDE (people)`,
      `CREATE FUNCTION count_new_users() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO user_counts (${KEY}, people) SELECT ${KEY}, COUNT(*) FROM those GROUP BY ${KEY};
      RETURN NULL;
    END $$`,
      `CREATE FUNCTION count_moved_user() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO user_counts (${KEY}, people) VALUES (${of('old')}, -1), (${of('new')}, 1);
      RETURN NULL;
    END $$`,
      `CREATE FUNCTION count_lost_users() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO user_counts (${KEY}, people) SELECT ${KEY}, -COUNT(*) FROM those GROUP BY ${KEY};
      RETURN NULL;
    END $$`,
      `CREATE TRIGGER users_counted AFTER INSERT ON users REFERENCING NEW TABLE AS those FOR EACH STATEMENT
      EXECUTE FUNCTION count_new_users()`,
      `CREATE TRIGGER users_counted_anew AFTER UPDATE OF ${KEY} ON users FOR EACH ROW WHEN (${MOVED})
      EXECUTE FUNCTION count_moved_user()`,
      `CREATE TRIGGER users_uncounted AFTER DELETE ON users REFERENCING OLD TABLE AS those FOR EACH STATEMENT
      EXECUTE FUNCTION count_lost_users()`,
    ],
    sqliteDown: [
      'DROP TRIGGER users_uncounted',
      'DROP TRIGGER users_counted_anew',
      'DROP TRIGGER users_counted',
      'DROP TABLE user_counts',
    ],
    postgresDown: [
      'DROP TRIGGER users_uncounted ON users',
      'DROP TRIGGER users_counted_anew ON users',
      'DROP TRIGGER users_counted ON users',
      'DROP FUNCTION count_lost_users()',
      'DROP FUNCTION count_moved_user()',
      'DROP FUNCTION count_new_users()',
      'DROP TABLE user_counts',
    ],
  };
}

export const migration: Migration = { name: '0112-user-counts', ...keptCounts(), down: [] };
