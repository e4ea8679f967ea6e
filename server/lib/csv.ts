import { stringify } from 'csv-stringify/sync';

// Where a spreadsheet may begin a cell: it parts a file with commas at semicolons where those are usual, at tabs, and at the
// ends of lines, and takes quotation marks for what stands around a cell.
const BEGINS = '(?<=^|[;\\t\\r\\n])("*)';
// What it would run as a formula then, be it of full width, and what has been defused already: so that one can tell the two
// apart again.
const FORMULA = "(?='*[=+\\-@\\t\\r＝＋－＠])";
const TO_DEFUSE = new RegExp(BEGINS + FORMULA, 'g');
const DEFUSED = new RegExp(`${BEGINS}'${FORMULA}`, 'g');

/** A cell that no spreadsheet takes for a formula, nor a part of it: with a leading ' where it would. */
function defused(text: string): string {
  return text.replace(TO_DEFUSE, "$1'");
}

/** A cell as it was before it was defused: an import takes away what an export has put in front. */
export function readable(text: string): string {
  return text.replace(DEFUSED, '$1');
}

/** Rows of CSV (RFC 4180), every cell defused. */
export function csvRows(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => row.map(defused)),
    // The end of a line is one whatever this file ends its own with.
    { record_delimiter: '\r\n', quoted_match: /[\r\n]/ },
  );
}

/**
 * The first row of every file of CSV, with the mark that says it is UTF-8: without it spreadsheets take it for one of the old
 * encodings, and spoil every name with an accent.
 */
export function csvHeadings(columns: readonly string[]): string {
  return `\ufeff${csvRows([columns])}`;
}
