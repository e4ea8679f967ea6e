import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, parse, type Options } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { readable } from './csv.js';

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const;

/** What parts the cells of a file from each other. */
export type Delimiter = keyof typeof DELIMITERS;

/** A row with something in it; `place` counts every row from the first, as a spreadsheet does. */
export interface CsvRow {
  place: number;
  cells: string[];
}

/** Why a text cannot be read as rows, and after how many that could. */
export class UnreadableCsv extends Error {
  readonly place: number;
  constructor(place: number) {
    super('A quotation mark that begins a cell is not closed.');
    this.place = place;
  }
}

const PIECE = 64 * 1024;
const LONGEST_ROW = 64 * 1024;
const LENIENT: Options = {
  relax_column_count: true,
  relax_quotes: true,
  max_record_size: LONGEST_ROW,
  // Each where it stands: a file that two programs have written ends its lines in two ways.
  record_delimiter: ['\r\n', '\n', '\r'],
};

// By this line Excel is told what parts the cells; it shows no such row, nor counts it.
const TOLD_TO_EXCEL = /^"?sep=[^\r\n]"?[,;\t ]*(\r\n|\n|\r)/i;

/** What the delimiter is called. */
export function delimiterInWords(delimiter: Delimiter): string {
  return DELIMITERS[delimiter];
}

/** By which delimiter the first row with something in it has the most columns that are known; of two that have as many, the first. */
export function delimiterOf(text: string, isKnown: (cell: string) => boolean): Delimiter {
  const [best] = (Object.keys(DELIMITERS) as Delimiter[])
    .map((delimiter) => ({ delimiter, known: headOf(text, delimiter).filter(isKnown).length }))
    .sort((one, other) => other.known - one.known);
  return best?.delimiter ?? ',';
}

/**
 * The rows of a text, in parts of some milliseconds between which others have their turn. Throws `UnreadableCsv` where it
 * stops making sense.
 */
export async function* csvRowsOf(text: string, delimiter: Delimiter): AsyncGenerator<CsvRow> {
  const parser = Readable.from(piecesOf(Buffer.from(rowsIn(text)))).pipe(parse({ ...LENIENT, delimiter }));
  let place = 0;
  try {
    for await (const record of parser) {
      place += 1;
      // The parser counts what stands in a row, and not what parts it.
      if ((record as string[]).length > LONGEST_ROW) throw new UnreadableCsv(place);
      const cells = (record as string[]).map((cell) => readable(cell.trim()));
      if (cells.some((cell) => cell !== '')) yield { place, cells };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableCsv(place + 1);
    throw error;
  }
}

function rowsIn(text: string): string {
  return text.replace(TOLD_TO_EXCEL, '');
}

function headOf(text: string, delimiter: Delimiter): string[] {
  try {
    const [head] = parseAtOnce(rowsIn(text).slice(0, LONGEST_ROW), {
      ...LENIENT,
      delimiter,
      skip_records_with_empty_values: true,
      to: 1,
    });
    return (head as string[] | undefined) ?? [];
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE) {
    yield bytes.subarray(from, from + PIECE);
    await setImmediate();
  }
}
