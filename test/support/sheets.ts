import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

const read = (...names: string[]): string =>
  names.map((name) => readFileSync(join(PROJECT_ROOT, 'public/css', `${name}.css`), 'utf8')).join('\n');

/** What the pages of each layout load. */
export const SHEETS = { portal: read('tabler', 'gatehouse'), entrance: read('entrance') };

const known = new Map<string, Set<string>>();

/** The classes that a sheet says something of. */
export function classesOf(sheet: string): Set<string> {
  const classes =
    known.get(sheet) ?? new Set([...sheet.matchAll(/\.(-?[a-z_][\w-]*)/gi)].map(([, name]) => name ?? ''));
  known.set(sheet, classes);
  return classes;
}
