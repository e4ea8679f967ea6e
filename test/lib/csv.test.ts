import assert from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import { csvRows, readable } from '#server/lib/csv.js';
import { processorTime } from '../support/processor.js';

const SIGNS = ['=', '＝', '-', "'", '"', ';', '\t', '\n', ',', 'a'];
const FORMULA = /^[=+\-@＝＋－＠]/;
/** What a spreadsheet may take for the end of a cell, by where it stands and by what somebody chooses in its dialogue. */
const PARTED_BY = [',', ';', '\t'];

/** Every text of so many of these signs. */
function* texts(length: number): Generator<string> {
  if (length === 0) yield '';
  else for (const rest of texts(length - 1)) for (const sign of SIGNS) yield sign + rest;
}

const read = (csv: string, delimiter: string): string[][] =>
  parse(csv, { delimiter, relax_quotes: true, relax_column_count: true, skip_empty_lines: true });

describe('A file of CSV', () => {
  const all = [0, 1, 2, 3, 4].flatMap((length) => [...texts(length)]);

  it('has no cell that a spreadsheet would run, at whatever it parts them', () => {
    for (const text of all) {
      const csv = csvRows([
        [text, 'b'],
        ['b', text, `b;${text}`],
      ]);
      // Quotation marks in the middle of a cell are none to a spreadsheet that parts at something else.
      const naive = csv.split(/[;\t\r\n]/).map((cell) => cell.replace(/^"+/, ''));
      assert.deepEqual(
        naive.filter((cell) => FORMULA.test(cell)),
        [],
        JSON.stringify(text),
      );
      for (const delimiter of PARTED_BY) {
        let cells: string[] = [];
        try {
          cells = read(csv, delimiter).flat();
        } catch {
          // A strict reader takes nothing at all of it.
        }
        assert.deepEqual(
          cells.filter((cell) => FORMULA.test(cell)),
          [],
          `${delimiter} ${JSON.stringify(text)}`,
        );
      }
    }
  });

  it('is read again as what it was made of', () => {
    for (const text of all) {
      const [[, cell = ''] = []] = read(csvRows([['b', text]]), ',');
      assert.equal(readable(cell), text);
    }
  });

  it('costs what its length does, whatever a long cell is made of', () => {
    const pieces = [...texts(1), ...texts(2)];
    const cells = pieces.map((piece) => piece.repeat(64_000 / piece.length));
    const took = processorTime(() => {
      for (const cell of cells) assert.ok(readable(cell).length <= cell.length);
    });
    assert.ok(took < 1000, `${took} ms`);
  });
});
