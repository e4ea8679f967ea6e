import { randomInt } from 'node:crypto';

/** Letters and digits that nobody mistakes for each other on paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUP_LENGTH = 4;
// With all that may be copied along.
const LONGEST = 100;

/** A new code of so many groups of four, with dashes between them: 19.8 bits each. */
export function newTypedCode(groups: number): string {
  return Array.from({ length: groups }, () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');
}

/**
 * The form in which such a code is hashed and looked for, in any case and with whatever was copied along with it, the name
 * or the number that it has in a list, too. Null where there is none in it, or where it could be one of several.
 */
export function canonicalTypedCode(typed: unknown, groups: number): string | null {
  if (typeof typed !== 'string' || typed.length > LONGEST) return null;
  const length = groups * GROUP_LENGTH;
  const isCode = (text: string): boolean => text.length === length && [...text].every((one) => ALPHABET.includes(one));
  const bare = bareCode(typed);
  if (isCode(bare)) return bare;
  const words = wordsOf(typed);
  const whole = words.filter(isCode);
  const grouped = words
    .map((_word, at) => words.slice(at, at + groups))
    .filter((some) => some.every((word) => word.length === GROUP_LENGTH))
    .map((some) => some.join(''))
    .filter(isCode);
  const found = [...whole, ...grouped];
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** The six digits of a code of an app, with whatever was copied along with them; without six, what there is. */
export function sixDigitsIn(typed: string): string {
  if (typed.length > LONGEST) return typed;
  const bare = bareCode(typed);
  return /^\p{L}*([0-9]{6})\p{L}*$/u.exec(bare)?.[1] ?? bare;
}

/**
 * The letters and digits of a code, whatever came along from the clipboard: white space, dashes, quotes, signs, marks, what
 * nobody sees, full width, the digits of another script. What else is in it stays, and then it is no code.
 */
function bareCode(typed: string): string {
  return wordsOf(typed).join('');
}

// The long stroke of Japanese is what its keyboards write for a dash.
function wordsOf(typed: string): string[] {
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .split(/[\s\p{P}\p{S}\u30fc]+/u)
    .map((word) => word.replace(/(?![0-9])\p{Nd}/gu, (digit) => String(worth(digit))))
    .filter((word) => word !== '');
}

// Decimal digits stand in runs of ten, zero first, and a run may follow upon a run.
function worth(digit: string): number {
  const at = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(at - before - 1))) before += 1;
  return before % 10;
}
