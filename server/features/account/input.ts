import { asForm, optional } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import { line, optionalCode, secret } from '#server/input/text.js';

export const removalForm = asForm({
  username: line('Type your username.', 200),
  password: secret('Enter your password.'),
  code: optionalCode(),
  days: optional(whole(0, 90)),
});
