import { QueryTypes } from 'sequelize';
import type { Database } from '#models/database.js';
import { tableNames } from '#models/tables.js';

// Each table as what reads all of its rows as one text, a line of JSON for each (which has no other line breaks in it): a
// walk that looks at everything a thousand times must not ask table by table, nor be given each row as an object.
const TEXTS = {
  sqlite: `SELECT m.name AS "of", 'SELECT ''' || m.name || ''' AS "of", group_concat(json_object(' ||
    group_concat('''' || c.name || ''', "' || c.name || '"') || '), char(10)) AS said FROM ' || m.name AS said
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' GROUP BY m.name`,
  postgres: `SELECT tablename AS "of", 'SELECT ''' || tablename || ''' AS "of", string_agg(row_to_json(t)::text, chr(10)) AS said
    FROM ' || tablename || ' t' AS said FROM pg_tables WHERE schemaname = current_schema()`,
};

export const LOG = 'security_events';
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
/** How many rows the security log has, beside the texts of the tables. */
export const LENGTH_OF_LOG = 'the length of the log';

/**
 * Reads what the rows of every table but these say: a line of JSON for each, '' where there is none, all at one moment. Of
 * the security log, where an id is given, only the rows that have come after that one.
 */
export type ReadTexts = (after?: string) => Promise<Map<string, string>>;

/** Makes what reads these texts, of the tables and columns that there are now. */
export async function textsOf(database: Database, but: ReadonlySet<string>): Promise<ReadTexts> {
  const ask = (sql: string, bind: string[]) =>
    database.sequelize.query<{ of: string; said: string | null }>(sql, { bind, type: QueryTypes.SELECT });
  const ways = new Map((await ask(TEXTS[database.dialect], [])).map(({ of, said }) => [of, said]));
  const tables = (await tableNames(database)).filter((table) => !but.has(table));
  const all = tables.filter((table) => table !== LOG).map((table) => ways.get(table));
  const length = `SELECT '${LENGTH_OF_LOG}' AS "of", CAST(count(*) AS text) AS said FROM ${LOG}`;
  const log = tables.includes(LOG) ? [length, `${ways.get(LOG)} WHERE id > $2`] : [];
  // What comes with values is planned once on SQLite, and to plan this takes longer than to do it.
  const texts = `SELECT "of", said FROM (${[...all, ...log].join(' UNION ALL ')}) AS texts WHERE "of" <> $1`;
  return async (after = BEFORE_ALL) =>
    new Map((await ask(texts, ['', after].slice(0, log.length || 1))).map(({ of, said }) => [of, said ?? '']));
}

/** The lines of such a text. */
export function linesIn(text = ''): string[] {
  return text === '' ? [] : text.split('\n');
}
