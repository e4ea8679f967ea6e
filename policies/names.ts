/** Canonical forms and the rules of shape for what people are called. Pure; the unique indexes stand on these. */

export const USERNAME_MAX = 64;
export const EMAIL_MAX = 254;
export const NAME_MAX = 100;
const CANONICAL_MAX = 400;

/** NFKC and case-folded, so that `Admin`, `ａｄｍｉｎ` and `admin ` are one. Empty when it has a character no username may have. */
export function canonicalUsername(typed: string): string {
  const folded = fold(typed);
  return /^[\p{L}\p{N}._-]+$/u.test(folded) ? folded : '';
}

/** NFKC and case-folded, the whole address: two mailboxes that differ in case alone are not worth an account taken over. */
export function canonicalEmail(typed: string): string {
  return fold(typed);
}

/** For sorting and searching by name. Cut where NFKC has made much out of little: `ﷺ` becomes 18 characters. */
export function canonicalName(typed: string): string {
  const folded = fold(typed).replace(/\s+/gu, ' ');
  return folded.length <= CANONICAL_MAX ? folded : [...folded].slice(0, CANONICAL_MAX).join('');
}

/** Why this cannot be a username; null when it can. */
export function usernameProblem(typed: string): string | null {
  if (typed.includes(':'))
    return 'A username cannot contain a colon, because HTTP Basic sign-in splits name and password there. Use letters, digits, dots, dashes and underscores.';
  if (typed.includes('@'))
    return 'A username cannot contain @, so that it is never taken for an e-mail address. Use letters, digits, dots, dashes and underscores.';
  const canonical = canonicalUsername(typed);
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u.test(canonical))
    return 'Use letters, digits, dots, dashes and underscores, beginning with a letter or a digit.';
  if ([...canonical].length > USERNAME_MAX) return `Use at most ${USERNAME_MAX} characters.`;
  return null;
}

/** Why this cannot be an e-mail address; null when mail could be sent to it. */
export function emailProblem(typed: string): string | null {
  if (typed.length > EMAIL_MAX || canonicalEmail(typed).length > EMAIL_MAX)
    return `Use an address of at most ${EMAIL_MAX} characters.`;
  if (
    !/^[^\s@<>()[\]\\,;:"]{1,64}@[^\s@<>()[\]\\,;:"]+\.[^\s@<>()[\]\\,;:"]{2,}$/u.test(typed) ||
    typed.includes('..')
  ) {
    return 'Enter an e-mail address in the form name@example.com.';
  }
  return null;
}

/** Why this cannot be a tenant's slug; null when it can. */
export function slugProblem(typed: string): string | null {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(typed)) {
    return 'Use lower-case letters, digits and dashes, at most 63, beginning and ending with a letter or a digit.';
  }
  if (typed === 'platform') return 'The name platform is reserved for the operators. Choose another.';
  return null;
}

/** Why this text may not be kept at all: characters that are invisible, turn text around or break a line; null when none. */
export function textProblem(typed: string, lines: 'one' | 'many' = 'one'): string | null {
  const controls = lines === 'one' ? /[\p{Cc}\p{Cs}\u2028\u2029]/u : /[\p{Cs}\u2028\u2029]|(?![\n\r\t])\p{Cc}/u;
  if (controls.test(typed)) return 'Remove control characters; they cannot be shown.';
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(typed))
    return 'Remove the characters that change the direction of text.';
  return null;
}

function fold(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}
