import { asForm } from '#server/input/kind.js';
import { line, optionalCode, secret } from '#server/input/text.js';

export const removalForm = asForm({
  username: line('Type your username.', 200),
  password: secret('Enter your password.'),
  code: optionalCode(),
});
