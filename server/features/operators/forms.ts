import { z } from 'zod';
import { NAME_MAX } from '#policies/names.js';
import { email, line, secret, username } from '#server/http/fields.js';

export const operatorForm = z.strictObject({
  username: username(),
  name: line('Enter the name of the operator.', NAME_MAX),
  email: email(),
  password: secret('Enter a password.'),
});
