import type { FactorKind } from './factor-kind.js';
import { PASSKEY } from './factor-passkey.js';
import { RECOVERY_CODES } from './factor-recovery-codes.js';
import { TOTP } from './factor-totp.js';

/** THE LIST of kinds of second factor, in the order in which they are asked for. Whoever adds another adds its file and its row. */
export const FACTOR_KINDS: readonly FactorKind[] = [TOTP, PASSKEY, RECOVERY_CODES];
