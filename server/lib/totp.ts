import { randomBytes, timingSafeEqual } from 'node:crypto';
import speakeasy from 'speakeasy';

/** RFC 6238 with what every app supports: SHA-1, six digits, steps of 30 seconds. */
const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const LONGEST_LABEL = 120;

/** A new secret: 160 bits (RFC 4226, 4), in base32. Not speakeasy's generator, which is biased. */
export function newTotpSecret(): string {
  let bits = '';
  for (const byte of randomBytes(20)) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
}

/**
 * The time step whose code this is, at most one step before or after `now` (ms); null when it is none of them.
 * The caller takes the step, once: a step that was accepted is never accepted again, however its code is spelt.
 *
 * speakeasy only computes here. Its `verify` takes `46244x`, arrays and signs for a code, widens a window given as
 * text, and says yes to the one computable code of an empty or broken secret; so none of that ever reaches it.
 */
export function totpStep(secret: string, code: unknown, now: number): number | null {
  if (typeof code !== 'string' || !/^\d{6}$/.test(code)) return null;
  const typed = Buffer.from(code);
  const current = Math.floor(now / STEP_MS);
  let found: number | null = null;
  for (const step of [current - 1, current, current + 1]) {
    if (timingSafeEqual(typed, Buffer.from(totpCode(secret, step)))) found = step;
  }
  return found;
}

/** The code of one time step. Throws when the secret is not one that `newTotpSecret` could have made. */
export function totpCode(secret: string, step: number): string {
  if (!/^[A-Z2-7]{32,}$/.test(secret)) throw new Error('This is not a TOTP secret.');
  return speakeasy.hotp({ secret, encoding: 'base32', counter: step, digits: 6, algorithm: 'sha1' });
}

/** The `otpauth://` address that authenticator apps read, from a QR code or a link (Key URI Format). What it takes for granted is left out, as a coarser code is read from further away. */
export function otpauthUrl(secret: string, issuer: string, account: string): string {
  const [by, of] = [label(issuer), label(account)];
  return `otpauth://totp/${by}:${of}?secret=${secret}&issuer=${by}`;
}

// A colon separates issuer and account, so neither may hold one. And what a long name spells in %-signs would make a
// QR code too fine for a camera, or for the standard: it is cut, between two characters.
function label(name: string): string {
  let encoded = '';
  for (const character of name.replace(/[:\p{Cs}]/gu, ' ').trim()) {
    const next = encoded + encodeURIComponent(character);
    if (next.length > LONGEST_LABEL) break;
    encoded = next;
  }
  // Cut behind a space, it would end in one.
  return encoded.replace(/(?:%20)+$/, '');
}
