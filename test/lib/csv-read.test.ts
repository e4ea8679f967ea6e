import assert from 'node:assert/strict';
import { csvRowsOf } from '#server/lib/csv-read.js';

const ENDS = ['\r\n', '\n', '\r'];
const PIECE = 64 * 1024;

describe('A file of CSV that is read', () => {
  const rowsOf = async (text: string): Promise<[number, string[]][]> => {
    const rows: [number, string[]][] = [];
    for await (const { place, cells } of csvRowsOf(text, ',')) rows.push([place, cells]);
    return rows;
  };

  it('has a row for each line, whichever way each of them ends', async () => {
    for (const first of ENDS)
      for (const second of ENDS)
        for (const third of ENDS)
          assert.deepEqual(
            await rowsOf(`a,b${first}c,"d${second}"${second}${third}e,f`),
            [
              [1, ['a', 'b']],
              [2, ['c', 'd']],
              // The end of a line twice is an empty line, but for a return and a feed, which are one.
              [second + third === '\r\n' ? 3 : 4, ['e', 'f']],
            ],
            JSON.stringify([first, second, third]),
          );
  });

  it('has them also where the end of a line lies across two of the pieces that it is read in', async () => {
    const row = `${'a'.repeat(1022)}\r\n`;
    const text = `a${row.repeat(130)}`;
    assert.equal(text.slice(PIECE - 1, PIECE + 1), '\r\n');
    assert.equal((await rowsOf(text)).length, 130);
  });
});
