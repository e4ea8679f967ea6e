// How many hold each role, kept beside who does: to count a hundred thousand takes too long for a page.
import type { Migration } from './index.js';

const KEY = 'tenant_id, role_id';
const OF = { new: 'new.tenant_id, new.role_id', old: 'old.tenant_id, old.role_id' };
const MOVED = 'new.tenant_id <> old.tenant_id OR new.role_id <> old.role_id';

// As for users of each state: on SQLite one row for each role.
const MORE = `INSERT INTO holder_counts (${KEY}, people) VALUES (${OF.new}, 1)
  ON CONFLICT (${KEY}) DO UPDATE SET people = people + 1;`;
const FEWER = `UPDATE holder_counts SET people = people - 1 WHERE (${KEY}) = (${OF.old});
  DELETE FROM holder_counts WHERE (${KEY}) = (${OF.old}) AND people = 0;`;

export const migration: Migration = {
  name: '0117-holders-counted',
  // Without foreign keys, too: what is counted goes with whoever held the role.
  up: [
    `CREATE TABLE holder_counts (
      tenant_id VARCHAR(36) NOT NULL,
      role_id VARCHAR(36) NOT NULL,
      people BIGINT NOT NULL
    )`,
    `INSERT INTO holder_counts (${KEY}, people) SELECT ${KEY}, COUNT(*) FROM user_roles GROUP BY ${KEY}`,
  ],
  sqlite: [
    `CREATE UNIQUE INDEX holder_counts_by_role ON holder_counts (${KEY})`,
    `CREATE TRIGGER holders_counted AFTER INSERT ON user_roles BEGIN ${MORE} END`,
    `CREATE TRIGGER holders_counted_anew AFTER UPDATE OF ${KEY} ON user_roles WHEN ${MOVED} BEGIN ${FEWER} ${MORE} END`,
    `CREATE TRIGGER holders_uncounted AFTER DELETE ON user_roles BEGIN ${FEWER} END`,
  ],
  // And on PostgreSQL a row for each change, so that of two who give a role to others none waits; `countAnew` makes one of many.
  postgres: [
    `CREATE INDEX holder_counts_by_role ON holder_counts (${KEY}) INCLUDE (people)`,
    `CREATE FUNCTION count_new_holders() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO holder_counts (${KEY}, people) SELECT ${KEY}, COUNT(*) FROM those GROUP BY ${KEY};
      RETURN NULL;
    END $$`,
    `CREATE FUNCTION count_moved_holder() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO holder_counts (${KEY}, people) VALUES (${OF.old}, -1), (${OF.new}, 1);
      RETURN NULL;
    END $$`,
    `CREATE FUNCTION count_lost_holders() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO holder_counts (${KEY}, people) SELECT ${KEY}, -COUNT(*) FROM those GROUP BY ${KEY};
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER holders_counted AFTER INSERT ON user_roles REFERENCING NEW TABLE AS those FOR EACH STATEMENT
      EXECUTE FUNCTION count_new_holders()`,
    `CREATE TRIGGER holders_counted_anew AFTER UPDATE OF ${KEY} ON user_roles FOR EACH ROW WHEN (${MOVED})
      EXECUTE FUNCTION count_moved_holder()`,
    `CREATE TRIGGER holders_uncounted AFTER DELETE ON user_roles REFERENCING OLD TABLE AS those FOR EACH STATEMENT
      EXECUTE FUNCTION count_lost_holders()`,
  ],
  down: [],
  sqliteDown: [
    'DROP TRIGGER holders_uncounted',
    'DROP TRIGGER holders_counted_anew',
    'DROP TRIGGER holders_counted',
    'DROP TABLE holder_counts',
  ],
  postgresDown: [
    'DROP TRIGGER holders_uncounted ON user_roles',
    'DROP TRIGGER holders_counted_anew ON user_roles',
    'DROP TRIGGER holders_counted ON user_roles',
    'DROP FUNCTION count_lost_holders()',
    'DROP FUNCTION count_moved_holder()',
    'DROP FUNCTION count_new_holders()',
    'DROP TABLE holder_counts',
  ],
};
