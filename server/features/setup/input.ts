import { NAME_MAX } from '#policies/names.js';
import { asForm } from '#server/input/kind.js';
import { email, username } from '#server/input/names.js';
import { line, secret } from '#server/input/text.js';

export const setupForm = asForm({
  organization: line('Enter the name of your organisation.', NAME_MAX),
  slug: line('Enter a short name, such as acme.', 63),
  name: line('Enter your name.', NAME_MAX),
  username: username(),
  email: email(),
  newPassword: secret('Enter a password.'),
  confirmPassword: secret('Enter the password a second time.'),
});
