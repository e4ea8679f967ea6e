import { canonicalTypedCode, newTypedCode } from './typed-code.js';

const GROUPS = 4;
export const RECOVERY_CODES = 10;

/** Ten new recovery codes, `xxxx-xxxx-xxxx-xxxx`: 79 bits each. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => newTypedCode(GROUPS));
}

/** The form in which a code is hashed and looked for; null when it cannot be one. */
export function canonicalRecoveryCode(typed: unknown): string | null {
  return canonicalTypedCode(typed, GROUPS);
}
