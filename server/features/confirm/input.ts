import { asForm, optional, otherwise } from '#server/input/kind.js';
import { optionalCode, recoveryCode, secret, token } from '#server/input/text.js';

export const confirmForm = asForm({
  password: secret('Enter your password.'),
  code: optionalCode(),
  recoveryCode: optional(recoveryCode()),
  next: otherwise(token(2000), ''),
  kept: otherwise(token(100), ''),
});
