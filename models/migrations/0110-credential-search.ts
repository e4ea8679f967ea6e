// Finding API credentials and SSH keys among a hundred thousand: by their folded names and all that their owners are found by.
import { QueryTypes, type Sequelize } from 'sequelize';
import { soughtName } from '#policies/names.js';
import type { Migration } from './index.js';

const TABLES = ['api_credentials', 'ssh_keys'] as const;
const each = (statements: (table: string) => string[]): string[] => TABLES.flatMap(statements);

/** The name, an end of line, which nobody can search for, and the key of the owner. */
const KEY_OF_NEW = `new.name_key || char(10) || COALESCE((SELECT u.search_key FROM users u WHERE u.id = new.user_id), '')`;

export const migration: Migration = {
  name: '0110-credential-search',
  up: each((table) => [
    `ALTER TABLE ${table} ADD COLUMN name_key TEXT NOT NULL DEFAULT ''`,
    // Kept by triggers alone, because it follows two tables.
    `ALTER TABLE ${table} ADD COLUMN search_key TEXT NOT NULL DEFAULT ''`,
  ]),
  sqlite: [
    // As for users: places that do not change when a file is packed anew, and which of them have which three letters.
    `CREATE TABLE credential_places (
      place INTEGER PRIMARY KEY,
      found_id VARCHAR(36) NOT NULL UNIQUE
    )`,
    `CREATE VIRTUAL TABLE credential_trigrams USING fts5(
      text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
    )`,
    // Beside what the lists go by, what is looked at of each: those that do not match are passed by without reading their rows.
    'DROP INDEX api_credentials_live',
    'DROP INDEX ssh_keys_by_age',
    `CREATE INDEX api_credentials_live ON api_credentials (tenant_id, created_at, id, expires_at, search_key) WHERE revoked_at IS NULL`,
    'CREATE INDEX ssh_keys_by_age ON ssh_keys (tenant_id, created_at, id, expires_at, search_key)',
    ...each((table) => [
      `INSERT INTO credential_places (found_id) SELECT id FROM ${table} ORDER BY id`,
      `CREATE TRIGGER ${table}_found AFTER INSERT ON ${table} BEGIN
        INSERT INTO credential_places (found_id) VALUES (new.id);
        UPDATE ${table} SET search_key = ${KEY_OF_NEW} WHERE id = new.id;
      END`,
      `CREATE TRIGGER ${table}_named AFTER UPDATE OF name_key ON ${table} WHEN new.name_key <> old.name_key BEGIN
        UPDATE ${table} SET search_key = ${KEY_OF_NEW} WHERE id = new.id;
      END`,
      `CREATE TRIGGER ${table}_found_anew AFTER UPDATE OF search_key ON ${table} WHEN new.search_key <> old.search_key BEGIN
        INSERT OR REPLACE INTO credential_trigrams (rowid, text)
          SELECT place, new.search_key FROM credential_places WHERE found_id = new.id;
      END`,
      `CREATE TRIGGER ${table}_lost AFTER DELETE ON ${table} BEGIN
        DELETE FROM credential_trigrams WHERE rowid = (SELECT place FROM credential_places WHERE found_id = old.id);
        DELETE FROM credential_places WHERE found_id = old.id;
      END`,
      `CREATE TRIGGER ${table}_owner_named AFTER UPDATE OF search_key ON users WHEN new.search_key <> old.search_key BEGIN
        UPDATE ${table} SET search_key = name_key || char(10) || new.search_key
          WHERE tenant_id = new.tenant_id AND user_id = new.id;
      END`,
    ]),
  ],
  postgres: [
    `CREATE FUNCTION keep_credential_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      NEW.search_key := ${KEY_OF_NEW.replace('char(10)', 'CHR(10)')};
      RETURN NEW;
    END $$`,
    `CREATE FUNCTION keep_keys_of_owner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE api_credentials SET search_key = name_key || CHR(10) || NEW.search_key
        WHERE tenant_id = NEW.tenant_id AND user_id = NEW.id;
      UPDATE ssh_keys SET search_key = name_key || CHR(10) || NEW.search_key
        WHERE tenant_id = NEW.tenant_id AND user_id = NEW.id;
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER users_owning AFTER UPDATE OF search_key ON users FOR EACH ROW
      WHEN (NEW.search_key <> OLD.search_key) EXECUTE FUNCTION keep_keys_of_owner()`,
    ...each((table) => [
      `CREATE TRIGGER ${table}_found BEFORE INSERT OR UPDATE OF name_key ON ${table} FOR EACH ROW
        EXECUTE FUNCTION keep_credential_key()`,
      `DO $$ DECLARE place text; BEGIN
        SELECT extnamespace::regnamespace::text INTO place FROM pg_extension WHERE extname = 'pg_trgm';
        IF place IS NOT NULL THEN
          EXECUTE format('CREATE INDEX ${table}_by_trigram ON ${table} USING gin (search_key %s.gin_trgm_ops)', place);
        END IF;
      END $$`,
    ]),
  ],
  async fill(sequelize) {
    for (const table of TABLES) await fold(sequelize, table);
  },
  down: [],
  sqliteDown: [
    ...each((table) =>
      ['owner_named', 'lost', 'found_anew', 'named', 'found'].map((what) => `DROP TRIGGER ${table}_${what}`),
    ),
    'DROP TABLE credential_trigrams',
    'DROP TABLE credential_places',
    'DROP INDEX ssh_keys_by_age',
    'DROP INDEX api_credentials_live',
    'CREATE INDEX ssh_keys_by_age ON ssh_keys (tenant_id, created_at, id)',
    'CREATE INDEX api_credentials_live ON api_credentials (tenant_id, created_at, id) WHERE revoked_at IS NULL',
    ...each((table) => [`ALTER TABLE ${table} DROP COLUMN search_key`, `ALTER TABLE ${table} DROP COLUMN name_key`]),
  ],
  postgresDown: [
    ...each((table) => [
      `DROP INDEX IF EXISTS ${table}_by_trigram`,
      `DROP TRIGGER ${table}_found ON ${table}`,
      `ALTER TABLE ${table} DROP COLUMN search_key, DROP COLUMN name_key`,
    ]),
    'DROP TRIGGER users_owning ON users',
    'DROP FUNCTION keep_keys_of_owner()',
    'DROP FUNCTION keep_credential_key()',
  ],
};

const AT_ONCE = 1000;

// Folding is ours: a database knows other letters.
async function fold(sequelize: Sequelize, table: (typeof TABLES)[number]): Promise<void> {
  const rows = await sequelize.query<{ id: string; name: string }>(`SELECT id, name FROM ${table}`, {
    type: QueryTypes.SELECT,
  });
  const pairs = rows.map(({ id, name }) => [id, soughtName(name)]);
  const list = sequelize.getDialect() === 'sqlite' ? 'json_each($1) AS j' : 'json_array_elements($1::json) AS j(value)';
  for (let at = 0; at < pairs.length; at += AT_ONCE)
    await sequelize.query(
      `UPDATE ${table} SET name_key = j.value ->> 1 FROM ${list} WHERE ${table}.id = j.value ->> 0`,
      { bind: [JSON.stringify(pairs.slice(at, at + AT_ONCE))] },
    );
}
