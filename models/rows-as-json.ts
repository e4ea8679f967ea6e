import type { Database, Row } from './database.js';

/** An expression for all rows of these columns as one JSON text, in their order: each value by itself costs a crossing. */
export function asJson(dialect: Database['dialect'], columns: readonly string[]): string {
  const listed = columns.join(', ');
  return dialect === 'sqlite'
    ? `json_group_array(json_array(${listed}))`
    : `COALESCE(json_agg(json_build_array(${listed})), '[]')::text`;
}

/** The rows in that text. */
export function rowsIn(text: unknown, columns: readonly string[]): Row[] {
  const listed = JSON.parse(String(text)) as Row[string][][];
  return listed.map((values) => rowOf(columns, values));
}

function rowOf(columns: readonly string[], values: readonly Row[string][]): Row {
  const row: Row = {};
  for (let at = 0; at < columns.length; at += 1) row[columns[at] ?? ''] = values[at] ?? null;
  return row;
}
