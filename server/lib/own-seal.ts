import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A fresh key of one's own, for what goes when the key goes. */
export function newOwnKey(): string {
  return randomBytes(32).toString('base64url');
}

/** AES-256-GCM under such a key; `about` (where it stands) is authenticated, so a value cannot be moved elsewhere. */
export function sealOwn(ownKey: string, plain: string, about: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(ownKey, 'base64url'), nonce).setAAD(Buffer.from(about));
  return dots(Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]));
}

/** Opens what `sealOwn` made; throws when it was changed, moved, or is under another key. */
export function openOwn(ownKey: string, sealed: string, about: string): string {
  const bytes = Buffer.from([...sealed].map((dot) => (dot.codePointAt(0) ?? 0) - FIRST_DOT));
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(ownKey, 'base64url'), bytes.subarray(0, 12), {
    authTagLength: 16,
  });
  decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
}

// A sign of Braille for each byte: whoever searches the text around it for a word does not find it in what is sealed.
const FIRST_DOT = 0x2800;

function dots(bytes: Buffer): string {
  return String.fromCodePoint(...[...bytes].map((byte) => FIRST_DOT + byte));
}
