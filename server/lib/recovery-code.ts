import { randomInt } from 'node:crypto';
import { bareCode } from './typed-code.js';

/** Letters and digits that nobody mistakes for each other on paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 4;
const CANONICAL = new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP_LENGTH}}$`);
export const RECOVERY_CODES = 10;

/** Ten new recovery codes, `xxxx-xxxx-xxxx-xxxx`: 79 bits each. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    Array.from({ length: GROUPS }, () =>
      Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
    ).join('-'),
  );
}

/** The form in which a code is hashed and looked for: with whatever was copied along with it, in any case; null when it cannot be one. */
export function canonicalRecoveryCode(typed: unknown): string | null {
  if (typeof typed !== 'string' || typed.length > 100) return null;
  const bare = bareCode(typed);
  return CANONICAL.test(bare) ? bare : null;
}
