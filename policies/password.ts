import { containsName } from './password-names.js';
import { PASSWORD_FLOOR, PASSWORD_MAX } from './password-settings.js';
import type { PasswordOwner } from './password-names.js';

/** What an organisation asks of a password. The names are those of the policy's fields. */
export interface PasswordRules {
  /** In code points after NFKC; below PASSWORD_FLOOR the floor counts. */
  readonly minLength: number;
  readonly requireUpper: boolean;
  readonly requireLower: boolean;
  readonly requireDigit: boolean;
  readonly requireSymbol: boolean;
  readonly forbidNames: boolean;
  readonly forbidCommon: boolean;
  /** Least strength, 0–4; 0 asks for none. */
  readonly minScore: number;
  /** How many of the last passwords may not come back, 0–24. */
  readonly history: number;
  /** Days until a password must be changed; 0 is never. */
  readonly maxAgeDays: number;
  /** Hours until a password may be changed again; 0 is at once. */
  readonly minAgeHours: number;
  /** A password that somebody else set must be changed at the first sign-in. */
  readonly changeAtFirstSignIn: boolean;
}

/** What needs a big list, and so lives outside the policies. Asked only when a rule needs the answer. */
export interface PasswordVerdicts {
  common(password: string): boolean;
  score(password: string, names: readonly string[]): number;
}

export type PasswordRuleName =
  | 'minLength'
  | 'maxLength'
  | 'requireUpper'
  | 'requireLower'
  | 'requireDigit'
  | 'requireSymbol'
  | 'forbidNames'
  | 'forbidCommon'
  | 'minScore'
  | 'history';

export interface PasswordRuleLine {
  readonly rule: PasswordRuleName;
  readonly value: number | true;
  readonly text: string;
}

/** The form in which a password is measured, compared and hashed: NFKC, so that every keyboard spells it alike. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Why this owner may not have this password under these rules, in plain words; an empty list when they may. History is the caller's to check, by hash. */
export function passwordFailures(
  candidate: string,
  rules: PasswordRules,
  owner: PasswordOwner,
  verdicts: PasswordVerdicts,
): string[] {
  const tooLong = `The password is too long: use at most ${PASSWORD_MAX} characters.`;
  // NFKC never shrinks a text eightfold, and takes long to sort a long run of accents: do not let it begin.
  if (candidate.length > PASSWORD_MAX * 8) return [tooLong];
  const password = normalisePassword(candidate);
  const length = Array.from(password).length;
  if (length > PASSWORD_MAX) return [tooLong];

  const failures: string[] = [];
  const least = effectiveMinLength(rules);
  if (length < least) failures.push(`The password is too short: use at least ${least} characters.`);
  if (UNTYPEABLE.test(password)) {
    failures.push('The password contains a hidden control character or half a character: remove it, or type it again.');
  }
  for (const { rule, has, failure } of CHARACTER_RULES) {
    if (rules[rule] && !has.test(password)) failures.push(failure);
  }
  if (rules.forbidNames && containsName(password, owner)) {
    failures.push('The password contains a name that is easy to guess, such as your own: leave it out.');
  }
  if (rules.forbidCommon && verdicts.common(password)) {
    failures.push('The password is one of those that attackers try first: choose one that nobody else would think of.');
  }
  if (rules.minScore > 0 && verdicts.score(password, owner.names) < rules.minScore) {
    failures.push('The password is too easy to guess: make it longer, or add words that do not belong together.');
  }
  return failures;
}

/** The failure for a password that is among the last ones; the caller has compared the hashes. */
export function historyFailure(rules: PasswordRules): string {
  return `You have used this password before: choose one that is not ${lastPasswords(rules.history)}.`;
}

/** The rules as a page lists them, for people to read and for a script to check while they type. */
export function describePasswordRules(rules: PasswordRules): PasswordRuleLine[] {
  const least = effectiveMinLength(rules);
  const lines: PasswordRuleLine[] = [
    { rule: 'minLength', value: least, text: `At least ${least} characters` },
    { rule: 'maxLength', value: PASSWORD_MAX, text: `At most ${PASSWORD_MAX} characters` },
  ];
  for (const { rule, text } of CHARACTER_RULES) if (rules[rule]) lines.push({ rule, value: true, text });
  if (rules.forbidNames) {
    const text = 'No name in it: not yours, not your username or e-mail address, not your organisation’s';
    lines.push({ rule: 'forbidNames', value: true, text });
  }
  if (rules.forbidCommon) {
    lines.push({ rule: 'forbidCommon', value: true, text: 'Not one of the passwords that attackers try first' });
  }
  if (rules.minScore > 0) {
    lines.push({
      rule: 'minScore',
      value: rules.minScore,
      text: `Hard to guess: strength ${rules.minScore} of 4 or more`,
    });
  }
  if (rules.history > 0) {
    lines.push({ rule: 'history', value: rules.history, text: `Not ${lastPasswords(rules.history)}` });
  }
  return lines;
}

// Controls, lone surrogates, and the marks that turn the direction of writing: none survives every keyboard and form.
const UNTYPEABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;

const CHARACTER_RULES = [
  {
    rule: 'requireUpper',
    has: /\p{Lu}/u,
    text: 'At least one capital letter',
    failure: 'The password has no capital letter: add one.',
  },
  {
    rule: 'requireLower',
    has: /\p{Ll}/u,
    text: 'At least one small letter',
    failure: 'The password has no small letter: add one.',
  },
  { rule: 'requireDigit', has: /\p{Nd}/u, text: 'At least one digit', failure: 'The password has no digit: add one.' },
  {
    rule: 'requireSymbol',
    has: /[\p{P}\p{S}]/u,
    text: 'At least one symbol, such as ! ? # or -',
    failure: 'The password has no symbol: add one, such as ! ? # or -.',
  },
] as const;

function effectiveMinLength(rules: PasswordRules): number {
  return Math.max(rules.minLength, PASSWORD_FLOOR);
}

function lastPasswords(count: number): string {
  return count === 1 ? 'your present password' : `one of your last ${count} passwords`;
}
