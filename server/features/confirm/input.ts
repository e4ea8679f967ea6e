import { asForm, optional, otherwise } from '#server/input/kind.js';
import { optionalCode, optionalSecret, passkeyAnswer, recoveryCode, secret, token } from '#server/input/text.js';

const onwards = { next: otherwise(token(2000), ''), kept: otherwise(token(100), '') };

export const confirmForm = asForm({
  password: secret('Enter your password.'),
  code: optionalCode(),
  recoveryCode: optional(recoveryCode()),
  factor: otherwise(token(40), ''),
  ...onwards,
});

/** With the password where the passkey is one that asks for nothing. */
export const passkeyForm = asForm({ credential: passkeyAnswer(), password: optionalSecret(), ...onwards });
