import { canonicalTypedCode, newTypedCode } from './typed-code.js';

const GROUPS = 3;

/** A new temporary access pass, `xxxx-xxxx-xxxx`: 59 bits, for a day at most, and counted. */
export function newAccessPass(): string {
  return newTypedCode(GROUPS);
}

/** The form in which a pass is hashed and looked for; null when it cannot be one. */
export function canonicalAccessPass(typed: unknown): string | null {
  return canonicalTypedCode(typed, GROUPS);
}
