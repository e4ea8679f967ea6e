import { hash, randomBytes, randomFillSync } from 'node:crypto';

/** 32 random bytes, base64url: for session ids, links and browser cookies. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a random token: its SHA-256, hex. Enough, because the token has 256 bits of its own. */
export function hashToken(token: string): string {
  return hash('sha256', token);
}

const STORE = Buffer.alloc(4096);
let taken = STORE.length;

/**
 * So many random bytes, to be used at once: they lie in a store that is filled anew when it is empty, since each way to the
 * source of randomness costs more than what is brought. For what every page needs and is no secret that is kept.
 */
export function randomPart(size: number): Buffer {
  if (taken + size > STORE.length) {
    randomFillSync(STORE);
    taken = 0;
  }
  taken += size;
  return STORE.subarray(taken - size, taken);
}
