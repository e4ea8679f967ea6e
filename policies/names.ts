import { domainToASCII, domainToUnicode } from 'node:url';
import { readAsLatin } from './look-alikes.js';
import { fold, heapsMarks, hides, isOneScript, normalised, plainLetters, tidy, TURNING } from './text.js';

/** Canonical forms and the rules of shape for what people are called. Pure; the unique indexes stand on these. */

export const USERNAME_MAX = 64;
export const EMAIL_MAX = 254;
export const NAME_MAX = 100;
const CANONICAL_MAX = 400;

/** Folded, so that `Admin`, `ａｄｍｉｎ` and `admin ` are one. Empty when it has a character no username may have. */
export function canonicalUsername(typed: string): string {
  const folded = fold(typed);
  return /^[\p{L}\p{M}\p{N}._-]+$/u.test(folded) ? folded : '';
}

/** Folded, the whole address: two mailboxes that differ in case alone are not worth an account taken over. */
export function canonicalEmail(typed: string): string {
  return withDomain(typed, fold);
}

/** An address as it is kept: its domain in the letters that mail servers know, which browsers send as well. */
export function tidyEmail(typed: string): string {
  return withDomain(typed, tidy);
}

/**
 * What names were compared by before they were folded. Where two that were apart then fold alike, one goes on being
 * known by this until it is renamed: nobody's account is merged with somebody else's.
 */
export function priorKey(typed: string): string {
  return normalised(normalised(typed, 'NFKC').trim().toLowerCase(), 'NFKC').replace(/\s+/gu, ' ');
}

/** For telling whether two names are one. */
export function canonicalName(typed: string): string {
  return cut(fold(typed));
}

/** For telling whether two names are read as one: a letter of another script that looks like a Latin one is that one. */
export function nameAsRead(typed: string): string {
  const name = canonicalName(typed);
  return readAsLatin(name) ?? name;
}

/** For sorting and searching by name: an Ärger stands under A, and an Øyvind is found by `oyvind`. */
export function soughtName(typed: string): string {
  return cut(plainLetters(typed));
}

/** All that a user is found by; a domain in its own letters, too. */
export function soughtUser(user: { username: string; name: string; email: string }): string {
  const email = canonicalEmail(user.email);
  const [local = '', domain = ''] = atParts(email) ?? [];
  const native = domainToUnicode(domain);
  const found = [soughtName(user.name), ...[user.username, email].map(plainLetters)];
  return [...found, ...(native === '' || native === domain ? [] : [plainLetters(`${local}@${native}`)])].join(' ');
}

/** Why this cannot be a username; null when it can. */
export function usernameProblem(typed: string): string | null {
  if (typed.includes(':'))
    return 'A username cannot contain a colon, because HTTP Basic sign-in splits name and password there. Use letters, digits, dots, dashes and underscores.';
  if (typed.includes('@'))
    return 'A username cannot contain @, so that it is never taken for an e-mail address. Use letters, digits, dots, dashes and underscores.';
  if (hides(typed)) return 'This has characters that nobody sees. Type it instead of pasting it.';
  const canonical = canonicalUsername(typed);
  if (!/^[\p{L}\p{N}]/u.test(canonical) || /\p{Me}|\p{Mn}{5}/u.test(normalised(canonical, 'NFD')))
    return 'Use letters, digits, dots, dashes and underscores, beginning with a letter or a digit.';
  if ([...canonical].length > USERNAME_MAX) return `Use at most ${USERNAME_MAX} characters.`;
  return null;
}

/** Why a username that somebody is to have from now on may mislead; null when it does not. */
export function lookalikeProblem(typed: string): string | null {
  const canonical = canonicalUsername(typed);
  if (canonical.endsWith('.'))
    return 'A username cannot end with a dot: in a sentence nobody would see it. Leave it out, or put a letter or a digit behind it.';
  // What `chown`, `find -user` and container programs are given as digits is the number of an account to them.
  if (/^\p{N}+$/u.test(canonical))
    return 'Put a letter into the username: where servers know people by it, digits alone are read as the number of an account.';
  if (looksLikeId(canonical)) return AS_ID;
  if (!isOneScript(canonical))
    return 'Use letters of one script: Latin and Cyrillic ones, for example, look alike, and two people would look like one.';
  const latin = readAsLatin(canonical);
  return latin === null
    ? null
    : `Each of these letters looks like a plain Latin one, so this would be read as “${latin}”. Write it in those, or add a letter that does not.`;
}

/** Whether a name would be taken for an id, where either will do. */
export function looksLikeId(name: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(fold(name));
}

/** What is said of such a name. */
export const AS_ID = 'This has the form of an id, and would be taken for what has that. Choose another.';

/** Why this cannot be an e-mail address; null when mail could be sent to it. */
export function emailProblem(typed: string): string | null {
  const email = tidyEmail(typed);
  if (email.length > EMAIL_MAX || canonicalEmail(typed).length > EMAIL_MAX)
    return `Use an address of at most ${EMAIL_MAX} characters.`;
  if (
    !/^[^\s@<>()[\]\\,;:"]{1,64}@(?:[\p{L}\p{M}\p{N}_-]+\.)+\p{L}[\p{L}\p{M}\p{N}-]+$/u.test(email) ||
    email.includes('..') ||
    !isDomain(email.slice(email.lastIndexOf('@') + 1))
  ) {
    return 'Enter an e-mail address in the form name@example.com.';
  }
  return null;
}

/** A tenant's slug as people type it; '' finds none. */
export function canonicalSlug(typed: string): string {
  return fold(typed);
}

/** Whether an organisation can have this short name: it is a label of a host name. */
export function isSlug(typed: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(typed);
}

/** Why this cannot be a tenant's slug; null when it can. */
export function slugProblem(typed: string): string | null {
  if (!isSlug(typed)) {
    return 'Use lower-case letters, digits and dashes, at most 63, beginning and ending with a letter or a digit.';
  }
  if (typed === 'platform') return 'The name platform is reserved for the operators. Choose another.';
  return null;
}

/** Why this text may not be kept at all: characters that are invisible, turn text around or break a line; null when none. */
export function textProblem(typed: string, lines: 'one' | 'many' = 'one'): string | null {
  const controls = lines === 'one' ? /[\p{Cc}\p{Cs}\u2028\u2029]/u : /[\p{Cs}\u2028\u2029]|(?![\n\r\t])\p{Cc}/u;
  if (controls.test(typed)) return 'Remove control characters; they cannot be shown.';
  if (TURNING.test(typed)) return 'Remove the characters that change the direction of text.';
  if (/\p{Noncharacter_Code_Point}/u.test(typed)) return 'Remove what is no character of any writing.';
  if (heapsMarks(typed)) return 'Some letters carry so many marks that they cover the lines around. Take some away.';
  return null;
}

// The two parts go their own ways: IDNA has rules for domains, and `ß` is a letter of its own there.
function withDomain(typed: string, form: (text: string) => string): string {
  const [local = '', domain = ''] = atParts(form(typed)) ?? [form(typed)];
  const bare = (atParts(tidy(typed))?.[1] ?? '').replace(/[.。．｡]$/u, '');
  // What is no name of a host, Node would cut at a slash, or take for a number of four bytes.
  const ascii = HOST.test(bare) ? domainToASCII(bare) : '';
  return domain === '' ? local : `${local}@${ascii === '' ? domain : ascii}`;
}

// Joiners are part of the spelling in Persian and in Sinhala, and some have a picture for a name.
const LABEL = '(?:[\\p{L}\\p{M}\\p{N}\\p{So}_-]|\\u200c|\\u200d)+';
const HOST = new RegExp(`^${LABEL}(?:[.。．｡]${LABEL})*$(?<=(?:^|[.。．｡])\\p{L}[^.。．｡]*)`, 'u');

// Whether a server of mail could stand there: a name of the DNS (RFC 1035, 2.3.4), whose `xn--` spells something.
function isDomain(ascii: string): boolean {
  const labels = ascii.split('.');
  const sound = labels.every((label) => label.length <= 63 && !/^-|-$|[^a-z0-9_-]/i.test(label));
  return sound && ascii.length <= 253 && domainToASCII(ascii) !== '' && labels.every(spells);
}

// From Node 24 on its parser passes over an `xn--` that spells nothing (WHATWG URL, domain to ASCII): there and back tells.
function spells(label: string): boolean {
  if (!label.startsWith('xn--')) return true;
  const native = domainToUnicode(label);
  return native !== label && domainToASCII(native) === label;
}

function atParts(email: string): [string, string] | null {
  const at = email.lastIndexOf('@');
  return at < 0 ? null : [email.slice(0, at), email.slice(at + 1)];
}

// NFKC makes much out of little: `ﷺ` becomes 18 characters.
function cut(folded: string): string {
  return folded.length <= CANONICAL_MAX ? folded : [...folded].slice(0, CANONICAL_MAX).join('').trimEnd();
}
