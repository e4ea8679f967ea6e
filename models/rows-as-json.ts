import type { Database, Row } from './database.js';

/** An expression for all rows of these columns as one JSON text, in their order: each value by itself costs a crossing. */
export function asJson(dialect: Database['dialect'], columns: readonly string[]): string {
  const listed = columns.join(', ');
  return dialect === 'sqlite'
    ? `json_group_array(json_array(${listed}))`
    : `COALESCE(json_agg(json_build_array(${listed})), '[]')::text`;
}

/** The same for one row: a text that is a list of its values. Of no more than a hundred columns, which is the most on PostgreSQL. */
export function asOneText(dialect: Database['dialect'], columns: readonly string[]): string {
  const listed = columns.join(', ');
  return dialect === 'sqlite' ? `json_array(${listed})` : `json_build_array(${listed})::text`;
}

/** The rows in that text. */
export function rowsIn(text: unknown, columns: readonly string[]): Row[] {
  const listed = JSON.parse(String(text)) as Row[string][][];
  return listed.map(makerOf(columns));
}

type MakeRow = (values: readonly Row[string][]) => Row;

// By the very list, and where that is made anew each time, by what stands in it.
const byList = new WeakMap<readonly string[], MakeRow>();
const byNames = new Map<string, MakeRow>();

/**
 * What makes a row of these names out of its values, as one literal: with one that is given them one after the other, by names
 * that are not known before, the reading of a page's rows takes twice as long.
 */
export function makerOf(columns: readonly string[]): MakeRow {
  let make = byList.get(columns);
  if (make) return make;
  const names = columns.join();
  make = byNames.get(names);
  if (!make) {
    if (!/^\w+(,\w+)*$/.test(names)) throw new Error(`These are no names of columns: ${names}`);
    const entries = columns.map((name, at) => `${name}: values[${at}] ?? null`);
    // The names stand in our own statements, and are nothing but letters, digits and low lines.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    make = new Function('values', `return { ${entries.join(', ')} };`) as MakeRow;
    byNames.set(names, make);
  }
  byList.set(columns, make);
  return make;
}
