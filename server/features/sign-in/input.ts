import { asForm, asQuery } from '#server/input/kind.js';
import { line, onward, optionalLine, secret } from '#server/input/text.js';

export const signInForm = asForm({
  organization: line('Enter the short name of your organisation.', 100),
  username: line('Enter your username or e-mail address.', 254),
  password: secret('Enter your password.'),
  next: onward(),
});

export const signInQuery = asQuery({ organization: optionalLine(100), next: onward() });
