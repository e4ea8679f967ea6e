import assert from 'node:assert/strict';
import { csvRowsOf, delimiterOf } from '#server/lib/csv-read.js';

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

  it('has its names and its rows also below the line that tells Excel what parts the cells', async () => {
    const isKnown = (cell: string): boolean => ['a', 'b'].includes(cell);
    for (const delimiter of [',', ';', '\t'] as const)
      for (const told of [`sep=${delimiter}`, `SEP=${delimiter}`, `"sep=${delimiter}"`, `sep=${delimiter}${delimiter}`])
        for (const end of ENDS) {
          const text = [told, `a${delimiter}b`, `c${delimiter}d`].join(end);
          assert.equal(delimiterOf(text, isKnown), delimiter, text);
          const rows: unknown[] = [];
          for await (const row of csvRowsOf(text, delimiter)) rows.push(row);
          const named = { place: 1, cells: ['a', 'b'] };
          assert.deepEqual(rows, [named, { place: 2, cells: ['c', 'd'] }], text);
        }
    assert.deepEqual(await rowsOf('sep=,'), [[1, ['sep=', '']]], 'a line that has none below it is one of the file');
  });

  it('is parted by what parts its names, also where nothing stands in the rows above them', () => {
    const isKnown = (cell: string): boolean => ['a', 'b'].includes(cell);
    for (const delimiter of [',', ';', '\t'] as const)
      for (const above of ['\n\n', `${delimiter}\r\n`, ' \r'])
        assert.equal(delimiterOf(`${above}a${delimiter}b\nc${delimiter}d`, isKnown), delimiter, above);
  });

  it('has no row longer than any could be, be it of nothing but what parts its cells', async () => {
    for (const row of [',', 'a,', 'a'])
      await assert.rejects(rowsOf(`a,b\nc,d\n${row.repeat(100_000)}\ne,f`), { name: 'Error', place: 3 }, row);
  });
});
