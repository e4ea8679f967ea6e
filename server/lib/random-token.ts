import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes, base64url: for session ids, links and browser cookies. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a random token: its SHA-256, hex. Enough, because the token has 256 bits of its own. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
