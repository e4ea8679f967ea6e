// Searching users on PostgreSQL by one or two letters, which an index of three side by side does not know.
import type { Migration } from './index.js';

export const migration: Migration = {
  name: '0114-user-letters',
  up: [],
  postgres: [
    // Dear, as it is: nobody should ask it of row after row.
    `CREATE FUNCTION letters_in(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $$
      SELECT ARRAY(
        SELECT substr($1, place, 1) FROM generate_series(1, length($1)) AS place
        UNION SELECT substr($1, place, 2) FROM generate_series(1, length($1) - 1) AS place
      )
    $$`,
    'CREATE INDEX users_by_letters ON users USING gin (letters_in(search_key))',
  ],
  down: [],
  postgresDown: ['DROP INDEX users_by_letters', 'DROP FUNCTION letters_in(text)'],
};
