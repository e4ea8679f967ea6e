import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

const SECURITY = readFileSync(join(PROJECT_ROOT, 'docs/security.md'), 'utf8');

/**
 * Holds a list of docs/security.md against its tests: the one that names this file as where it is tried. Each clause has a test
 * by the words that it begins with, in the same order, and no test is left over.
 */
export function assertClauses(file: string, tests: Readonly<Record<string, unknown>>): void {
  const [, list = ''] = SECURITY.split(`(\`${file}\`):\n\n`).map((part) => part.split('\n\n')[0] ?? '');
  const clauses = [...list.matchAll(/^- (.*)$/gm)].map(([, clause = '']) => clause);
  const begins = Object.keys(tests);
  assert.ok(clauses.length > 0, `No list says that ${file} tries it.`);
  assert.deepEqual(
    clauses.map((clause) => begins.find((words) => clause.startsWith(words)) ?? clause),
    begins,
  );
}

/** The rows of a table of docs/security.md, cell by cell, under the heading with these words. */
export function tableUnder(heading: string): string[][] {
  const [, section = ''] = SECURITY.split(`## ${heading}\n`);
  const rows = [...(section.split('\n## ')[0]?.matchAll(/^\| (.*) \|$/gm) ?? [])].map(([, row = '']) =>
    row.split(' | '),
  );
  return rows.slice(2);
}
