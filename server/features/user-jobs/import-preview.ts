import { setImmediate } from 'node:timers/promises';
import { newId } from '#models/columns.js';
import type { UserJob } from '#models/user-job.js';
import type { NewRow } from '#models/user-job-row.js';
import { IMPORT } from '#policies/bulk-actions.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { csvRowsOf, delimiterOf, UnreadableCsv } from '#server/lib/csv-read.js';
import { readTextFile, type TextFile } from '#server/lib/text-file.js';
import { columnCalled, readHead, type Head } from './import-columns.js';
import { judge, type Verdict } from './import-judge.js';
import { knownTo } from './import-known.js';
import { readLine, refuseTwice, type Line } from './import-lines.js';
import type { KeptRow } from './import-kept.js';
import { keepPreview, leaveAnOwner } from './keep.js';
import { ALL_SO } from './unneeded.js';

const MOST_ROWS = 20_000;
const AT_ONCE = 200;
// NUL, and half of a character: PostgreSQL keeps neither.
const NO_TEXT = /[\0\p{Cs}]/u;

/** What was sent, and by which field: a file, or its text. */
export type Source = { field: string; bytes: Buffer } | { field: string; text: string };

/**
 * Works out what each row of a file would do, and keeps that: nothing is done yet. Throws `Invalid` for a file that cannot
 * be read at all; what is wrong with a row stands with the row.
 */
export async function previewImport(context: TenantContext, source: Source): Promise<UserJob> {
  const { head, lines } = await readLines(source);
  refuseTwice(lines);
  const known = await knownTo(context, lines);
  const rows: NewRow[] = [];
  const lowered: { id: string; row: NewRow }[] = [];
  for (const [index, line] of lines.entries()) {
    // Twenty thousand take a while: others have their turn in between.
    if (index % AT_ONCE === 0) await setImmediate();
    const verdict = judge(context, line, known);
    const row = rowOf(line, verdict);
    rows.push(row);
    if (verdict.user && lowers(verdict)) lowered.push({ id: verdict.user.id, row });
  }
  await leaveAnOwner(context, lowered, 'refused');
  return keepPreview(
    context,
    IMPORT.permission,
    { action: IMPORT.name, roleId: null, reason: '', note: head.note },
    rows,
  );
}

async function readLines(source: Source): Promise<{ head: Head; lines: Line[] }> {
  const { field } = source;
  const file =
    'bytes' in source ? textIn(source) : { text: source.text.replace(/^\ufeff/, ''), encoding: 'UTF-8' as const };
  const broken = file.text.search(NO_TEXT);
  if (broken >= 0)
    throw Invalid.field(
      field,
      `In line ${file.text.slice(0, broken).split(/\r\n|\n|\r/).length} there is a character that no text has. Take it out, or save it as UTF-8 in your spreadsheet.`,
    );
  const delimiter = delimiterOf(file.text, (cell) => columnCalled(cell) !== undefined);
  let head: Head | undefined;
  const lines: Line[] = [];
  try {
    for await (const row of csvRowsOf(file.text, delimiter)) {
      if (head === undefined) head = readHead(row.cells, file, delimiter, field);
      else if (lines.length === MOST_ROWS)
        throw Invalid.field(field, 'There are more than 20,000 rows. Send them in several files.');
      else lines.push(readLine(row, head));
    }
  } catch (error) {
    if (!(error instanceof UnreadableCsv)) throw error;
    throw Invalid.field(
      field,
      `Row ${error.place} cannot be read: a quotation mark at the beginning of a cell is not closed, or the row is longer than any could be.`,
    );
  }
  if (!head || lines.length === 0)
    throw Invalid.field(field, 'There is nobody in it. Below the names of the columns there is a row for each person.');
  return { head, lines };
}

function textIn({ field, bytes }: { field: string; bytes: Buffer }): TextFile {
  // Every workbook of today's spreadsheets is a ZIP archive.
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04')))
    throw Invalid.field(field, 'This is a workbook. Save it as CSV in your spreadsheet, and send that file.');
  const file = readTextFile(bytes);
  if (!file)
    throw Invalid.field(field, 'This is no file of text. Save it as CSV in your spreadsheet, and send that file.');
  return file;
}

function rowOf({ place, values }: Line, verdict: Verdict): NewRow {
  const { username = '', name = '', email = '' } = values;
  const who: KeptRow['who'] = { username: cut(username), name: cut(name), email: cut(email) };
  const kept = (intended: KeptRow['intended']): string => JSON.stringify({ who, intended } satisfies KeptRow);
  if ('faults' in verdict) {
    const note = verdict.faults
      .map(({ column, message }) => (column === '' ? message : `${column}: ${message}`))
      .join(' ');
    return { place, userId: verdict.user?.id ?? null, state: 'refused', note, input: kept(null) };
  }
  const { intended, user } = verdict;
  // Known from now on: who is made by a row is found by it, and made once.
  if (!user) return { place, userId: newId(), state: 'waiting', note: null, input: kept(intended) };
  const changes = 'shown' in intended && intended.shown.length > 0;
  const same = { state: 'unchanged', note: ALL_SO } as const;
  return { place, userId: user.id, ...(changes ? { state: 'waiting', note: null } : same), input: kept(intended) };
}

function lowers(verdict: Verdict): boolean {
  if (!('intended' in verdict) || !('change' in verdict.intended)) return false;
  const { roleIds, status } = verdict.intended.change;
  return roleIds !== undefined || status === 'disabled';
}

const cut = (text: string): string => text.slice(0, 254);
