import { NAME_MAX } from '#policies/names.js';
import { asForm } from '#server/input/kind.js';
import { email, username } from '#server/input/names.js';
import { line, secret } from '#server/input/text.js';

export const operatorForm = asForm({
  username: username(),
  name: line('Enter the name of the operator.', NAME_MAX),
  email: email(),
  password: secret('Enter a password.'),
});
