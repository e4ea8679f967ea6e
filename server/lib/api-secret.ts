import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIXES = { token: 'ght', key: 'ghk', password: 'ghp' } as const;
export type CredentialKind = keyof typeof PREFIXES;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
/** 43 letters of 62 are 256 bits. */
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;

/** The form of every secret of ours, for those who scan for leaked ones; the last six characters are its checksum. */
export const API_SECRET_PATTERN = `gh[tkp]_[0-9A-Za-z]{${ID_LENGTH}}_[0-9A-Za-z]{${SECRET_LENGTH}}_[0-9A-Za-z]{${CHECK_LENGTH}}`;
const WHOLE = new RegExp(`^${API_SECRET_PATTERN}$`);

export interface ApiSecret {
  kind: CredentialKind;
  /** Finds the row. Not secret. */
  publicId: string;
  /** The whole text, as it is shown once. */
  text: string;
  /** SHA-256 of the whole text, hex: enough for a secret of 256 bits. */
  hash: string;
}

/** A new secret: `<prefix>_<id>_<secret>_<checksum>`. */
export function newApiSecret(kind: CredentialKind): ApiSecret {
  const publicId = randomDigits(ID_LENGTH);
  const body = `${PREFIXES[kind]}_${publicId}_${randomDigits(SECRET_LENGTH)}`;
  const text = `${body}_${checksum(body)}`;
  return { kind, publicId, text, hash: hashOf(text) };
}

/** Takes a secret apart; null when it is none of ours, which its checksum tells without the database. */
export function parseApiSecret(text: string): ApiSecret | null {
  if (text.length > 100 || !WHOLE.test(text)) return null;
  const body = text.slice(0, -CHECK_LENGTH - 1);
  if (checksum(body) !== text.slice(-CHECK_LENGTH)) return null;
  const kind = (Object.keys(PREFIXES) as CredentialKind[]).find((one) => text.startsWith(PREFIXES[one]));
  return kind ? { kind, publicId: text.slice(4, 4 + ID_LENGTH), text, hash: hashOf(text) } : null;
}

/** What a list shows of a secret: enough to tell two apart, nothing to use. */
export function firstCharacters(kind: CredentialKind, publicId: string): string {
  return `${PREFIXES[kind]}_${publicId}_…`;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let place = 0; place < CHECK_LENGTH; place += 1) {
    text = (DIGITS[rest % 62] ?? '0') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

function randomDigits(length: number): string {
  return Array.from({ length }, () => DIGITS[randomInt(62)]).join('');
}

function hashOf(text: string): string {
  return hash('sha256', text);
}
