import { z } from 'zod';
import { line, onward, optionalLine, secret } from '#server/http/fields.js';

export const signInForm = z.strictObject({
  organization: line('Enter the short name of your organisation.', 100),
  username: line('Enter your username or e-mail address.', 254),
  password: secret('Enter your password.'),
  next: onward(),
});

export const signInQuery = z.object({ organization: optionalLine(100), next: onward() });
