import { randomInt } from 'node:crypto';

/** Letters and digits that nobody mistakes for each other on paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUP_LENGTH = 4;

/** A new code of so many groups of four, with dashes between them: 19.8 bits each. */
export function newTypedCode(groups: number): string {
  return Array.from({ length: groups }, () =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');
}

/** The form in which such a code is hashed and looked for: with whatever was copied along with it, in any case; null when it cannot be one. */
export function canonicalTypedCode(typed: unknown, groups: number): string | null {
  if (typeof typed !== 'string' || typed.length > 100) return null;
  const bare = bareCode(typed);
  return bare.length === groups * GROUP_LENGTH && [...bare].every((one) => ALPHABET.includes(one)) ? bare : null;
}

/**
 * The letters and digits of a code, whatever came along from the clipboard: white space, dashes, quotes, marks, what
 * nobody sees, full width, the digits of another script. What else is in it stays, and then it is no code.
 */
export function bareCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{M}\p{Sk}\p{Cf}\p{Default_Ignorable_Code_Point}\u2212\u2800]/gu, '')
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(worth(digit)));
}

// Decimal digits stand in runs of ten, zero first, and a run may follow upon a run.
function worth(digit: string): number {
  const at = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(at - before - 1))) before += 1;
  return before % 10;
}
