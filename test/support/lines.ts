import { QueryTypes } from 'sequelize';
import type { Database } from '#models/database.js';
import { tableNames } from '#models/tables.js';

interface Line {
  of: string;
  line: string;
}

// Each table as what reads its rows as JSON: a walk that looks at everything a thousand times must not ask table by table.
const LINES = {
  sqlite: `SELECT m.name AS "of", 'SELECT ''' || m.name || ''' AS "of", json_object(' ||
    group_concat('''' || c.name || ''', "' || c.name || '"') || ') AS line FROM ' || m.name AS line
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' GROUP BY m.name`,
  postgres: `SELECT tablename AS "of", 'SELECT ''' || tablename || ''' AS "of", row_to_json(t)::text AS line FROM ' ||
    tablename || ' t' AS line FROM pg_tables WHERE schemaname = current_schema()`,
};

/** The rows of every table but these, each as one line of JSON, all as they are at one moment. */
export async function linesOf(database: Database, but: ReadonlySet<string>): Promise<Map<string, string[]>> {
  const { sequelize, dialect } = database;
  const ask = (sql: string): Promise<Line[]> => sequelize.query<Line>(sql, { type: QueryTypes.SELECT });
  const ways = new Map((await ask(LINES[dialect])).map(({ of, line }) => [of, line]));
  const lines = new Map<string, string[]>();
  for (const table of await tableNames(database)) if (!but.has(table)) lines.set(table, []);
  const found = await ask([...lines.keys()].map((table) => ways.get(table)).join(' UNION ALL '));
  for (const { of, line } of found) lines.get(of)?.push(line);
  return lines;
}
