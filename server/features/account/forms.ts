import { z } from 'zod';
import { code, line, secret } from '#server/http/fields.js';

export const removalForm = z.strictObject({
  username: line('Type your username.', 200),
  password: secret('Enter your password.'),
  code: code().or(z.literal('')).default(''),
});
