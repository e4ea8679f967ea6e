import { emailProblem, EMAIL_MAX, NAME_MAX, textProblem, tidyEmail, usernameProblem } from '#policies/names.js';
import { canonicalEmail, canonicalUsername } from '#policies/names.js';
import { normalised, tidy } from '#policies/text.js';
import { USER_KINDS, USER_STATES } from '#policies/enumerations.js';
import { namesInCell } from '#policies/name-lists.js';
import type { CsvRow } from '#server/lib/csv-read.js';
import type { Column, Head } from './import-columns.js';

/** What is wrong with a row, and in which column; '' where it is the whole of it. */
export interface Fault {
  column: Column | '';
  message: string;
}

/** A row of a file, read. A cell that is empty, or not there, is not among its values. */
export interface Line {
  place: number;
  values: Partial<Record<Column, string>>;
  roles: readonly string[];
  usernameKey: string;
  emailKey: string;
  faults: Fault[];
}

// What is wrong and as long as this is only shown.
const LONGEST_SHOWN = 200;
const MOST_ROLES = 200;

/** Reads a row, each cell by the rules of the form on which one person is added. */
export function readLine({ place, cells }: CsvRow, { width, places }: Head): Line {
  const values: Line['values'] = {};
  const faults: Fault[] = [];
  let roles: string[] = [];
  for (const [column, at] of Object.entries(places) as [Column, number][]) {
    const typed = cells[at] ?? '';
    if (typed === '') continue;
    const value = TIDIED[column](typed);
    const message = textProblem(value) ?? PROBLEMS[column](value);
    if (message !== null) faults.push({ column, message });
    // However long: a cell that was cut would give fewer roles than it says.
    else if (column === 'roles') roles = namesInCell(value);
    values[column] = value.slice(0, LONGEST_SHOWN + EMAIL_MAX);
  }
  if (values.username === undefined) faults.push({ column: 'username', message: 'Enter a username.' });
  if (cells.slice(width).some((cell) => cell !== ''))
    faults.push({
      column: '',
      message: 'This row has more cells than the first. Put a cell that holds a comma into quotation marks.',
    });
  const { username = '', email = '' } = values;
  return {
    ...{ place, values, faults, roles },
    ...{ usernameKey: canonicalUsername(username), emailKey: canonicalEmail(email) },
  };
}

/** Of two rows that are about the same person, or have the same address, neither is taken: which of them is meant? */
export function refuseTwice(lines: readonly Line[]): void {
  for (const [column, key] of [
    ['username', 'usernameKey'],
    ['email', 'emailKey'],
  ] as const) {
    const first = new Map<string, Line>();
    for (const line of lines) {
      if (line[key] === '') continue;
      const other = first.get(line[key]);
      if (!other) {
        first.set(line[key], line);
        continue;
      }
      const same = column === 'username' ? 'the same username' : 'the same address';
      line.faults.push({ column, message: `Row ${other.place} has ${same}. Leave one of them out.` });
      if (!other.faults.some((fault) => fault.column === column && fault.message.startsWith('Row ')))
        other.faults.push({ column, message: `Row ${line.place} has ${same}. Leave one of them out.` });
    }
  }
}

const lower = (text: string): string => tidy(text).toLowerCase();

const TIDIED: Readonly<Record<Column, (typed: string) => string>> = {
  username: (typed) => normalised(typed, 'NFKC').trim(),
  name: tidy,
  email: tidyEmail,
  roles: tidy,
  status: lower,
  kind: lower,
};

const atMost = (max: number) => (text: string) => (text.length > max ? `Use at most ${max} characters.` : null);
const oneOf = (words: readonly string[]) => (text: string) =>
  words.includes(text) ? null : `Write one of ${words.join(', ')}, or leave it empty.`;

const PROBLEMS: Readonly<Record<Column, (value: string) => string | null>> = {
  username: usernameProblem,
  name: atMost(NAME_MAX),
  email: (value) => atMost(EMAIL_MAX)(value) ?? emailProblem(value),
  roles: (value) => (namesInCell(value).length > MOST_ROLES ? `Name at most ${MOST_ROLES} roles.` : null),
  status: oneOf(USER_STATES),
  kind: oneOf(USER_KINDS),
};
