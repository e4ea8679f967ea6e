import { plainLetters } from '#policies/text.js';
import type { Database } from './database.js';
import type { Put } from './paging.js';

/** The letters of Europe and its neighbours, with their marks: where capitals and accents are. */
const ALPHABETS = [
  [0x00c0, 0x0590],
  [0x10a0, 0x1100],
  [0x1c80, 0x1cc0],
  [0x1e00, 0x2000],
] as const;

/** True where the column has this text in it, in every case, with and without marks: the same on both databases. */
export function holdsAlike({ dialect }: Pick<Database, 'dialect'>, column: string, text: string, put: Put): string {
  const plain = plainLetters(text);
  const halved = WHOLE.filter(([, halves]) => plain.includes(halves)).reduce(
    (read, [letter, halves]) => `replace(${read}, '${letter}', '${halves}')`,
    column,
  );
  return `${halved} ${dialect === 'sqlite' ? 'GLOB' : '~'} ${put(patternOf(dialect, plain))}`;
}

// Letters that are searched for by two, which no pattern of GLOB can say.
const WHOLE = [...'ßẞæÆœŒþÞ'].map((letter) => [letter, plainLetters(letter)] as const);

// A pattern of GLOB, or a regular expression.
function patternOf(dialect: Database['dialect'], text: string): string {
  const letters = [...text].map((letter) => {
    const same = sameAs(letter);
    if (same !== undefined) return `[${same}]`;
    if (dialect === 'sqlite') return /[*?[]/.test(letter) ? `[${letter}]` : letter;
    return letter.replace(/[\\^$.|?*+()[\]{}]/, '\\$&');
  });
  return dialect === 'sqlite' ? `*${letters.join('')}*` : letters.join('');
}

let known: Map<string, string> | undefined;

// Worked out when somebody first searches: it takes some milliseconds.
function sameAs(letter: string): string | undefined {
  if (known === undefined) {
    known = new Map();
    const add = (code: number): void => {
      const one = String.fromCodePoint(code);
      const plain = plainLetters(one);
      if (/^\p{L}$/u.test(plain)) known?.set(plain, (known.get(plain) ?? '') + one);
    };
    for (let code = 0x41; code < 0x7b; code += 1) add(code);
    for (const [from, to] of ALPHABETS) for (let code = from; code < to; code += 1) add(code);
  }
  return known.get(letter);
}
