import { Invalid } from '#server/errors.js';
import { delimiterInWords, type Delimiter } from '#server/lib/csv-read.js';
import type { TextFile } from '#server/lib/text-file.js';

const COLUMNS = ['username', 'name', 'email', 'roles', 'status', 'kind'] as const;
/** A column that a file may have. */
export type Column = (typeof COLUMNS)[number];

/** Which columns a file has, each with its place in a row, and how that is told to whoever sent it. */
export interface Head {
  width: number;
  places: Partial<Record<Column, number>>;
  note: string;
}

const MOST_NAMED = 10;

/** The column of this name in whatever case, `E-Mail` and `user name` too; undefined for none of ours. */
export function columnCalled(cell: string): Column | undefined {
  const name = cell.toLowerCase().replace(/[^a-z]/g, '');
  return COLUMNS.find((column) => column === name);
}

/** Reads the first row of a file. Throws `Invalid` against `field` when it does not say which column is which. */
export function readHead(cells: readonly string[], file: TextFile, delimiter: Delimiter, field: string): Head {
  const places: Head['places'] = {};
  const passedOver: string[] = [];
  cells.forEach((cell, place) => {
    const column = columnCalled(cell);
    if (column === undefined) passedOver.push(cell === '' ? `column ${place + 1}, which has no name` : cell);
    else if (places[column] !== undefined)
      throw Invalid.field(field, `There are two columns “${column}”. Leave one of them out.`);
    else places[column] = place;
  });
  if (places.username === undefined)
    throw Invalid.field(
      field,
      `There is no column “username”. Begin with a row of the names of columns: ${COLUMNS.join(', ')}. The first row has: ${someOf(cells.filter((cell) => cell !== ''))}.`,
    );
  const known = COLUMNS.filter((column) => places[column] !== undefined);
  return { width: cells.length, places, note: noteOf(file, delimiter, known, passedOver) };
}

function noteOf({ encoding }: TextFile, delimiter: Delimiter, known: readonly string[], passedOver: readonly string[]) {
  return [
    `Read as ${encoding}, with ${delimiterInWords(delimiter)} between the cells.`,
    `Columns: ${known.join(', ')}.`,
    ...(passedOver.length > 0 ? [`Passed over: ${someOf(passedOver)}.`] : []),
  ].join(' ');
}

function someOf(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED).map((name) => name.slice(0, 40));
  return `${named.join(', ')}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''}`;
}
