import type { SecurityPolicy } from './security-policy.js';

/**
 * How somebody has shown who they are, in the words of RFC 8176: `hwk` is a key that never leaves its device, `swk` one
 * that is synced between devices, `user` that a person was there. `recovery`, `pass`
 * (which an administrator gave) and `link` (which was mailed with a factor that one took) are ours: that document has no word for them.
 */
export const METHODS = ['pwd', 'otp', 'recovery', 'pass', 'link', 'hwk', 'swk', 'user', 'mfa'] as const;
export type Method = (typeof METHODS)[number];

const WORDS: Readonly<Partial<Record<Method, string>>> = {
  pwd: 'password',
  otp: 'code of an app',
  recovery: 'recovery code',
  pass: 'access pass',
  link: 'mailed link',
  hwk: 'passkey of one device',
  swk: 'synced passkey',
};

/** What was shown at several times, each once, in the order of the list. */
export function together(...shown: (readonly Method[])[]): Method[] {
  const all = new Set(shown.flat());
  return METHODS.filter((method) => all.has(method));
}

/** How a column keeps them. */
export function methodsText(methods: readonly Method[]): string {
  return methods.join(' ');
}

/** What a column says; of an unknown word nothing. */
export function methodsIn(text: string): Method[] {
  const words = new Set(text.split(' '));
  return METHODS.filter((method) => words.has(method));
}

/** "Password and code of an app", for people; "Unknown" where nothing was noted. */
export function methodsInWords(methods: readonly Method[]): string {
  const words = methods.flatMap((method) => WORDS[method] ?? []).join(' and ');
  return words === '' ? 'Unknown' : words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * What the sign-in password of an account still opens: `all`; where the organisation lets nobody sign in with one, the `set-up`
 * of passkeys and no more, for who has not enough of them, while the days of grace run; else `nothing`.
 */
export type PasswordReach = 'all' | 'set-up' | 'nothing';

/** Whether a passkey stands for the password too: made with PIN, finger or face, and let do so by owner and organisation. */
export function signsInAlone(
  policy: Pick<SecurityPolicy, 'passkeys'>,
  { verified, signInAlone }: { verified: boolean; signInAlone: boolean },
): boolean {
  return policy.passkeys === 'passwordless' && verified && signInAlone;
}

/** Whether one of these stands in for a factor that was lost: it opens the page where the next is set up, and no other, ever. */
export function opensSetUpAlone(methods: readonly Method[]): boolean {
  return methods.includes('pass') || methods.includes('link');
}

/** Whether one of these was a key: what no false page can pass on. */
export function isPhishingResistant(methods: readonly Method[]): boolean {
  return methods.includes('hwk') || methods.includes('swk');
}
