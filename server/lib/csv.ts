import { stringify } from 'csv-stringify/sync';

// What a spreadsheet would run as a formula, be it of full width, and what has been defused already: so that one can
// tell the two apart again.
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;

/** A cell that no spreadsheet takes for a formula: with a leading ' where it would. */
function defused(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** A cell as it was before it was defused: an import takes away what an export has put in front. */
export function readable(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}

/** Rows of CSV (RFC 4180), every cell defused. */
export function csvRows(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => row.map(defused)),
    { record_delimiter: '\r\n' },
  );
}
