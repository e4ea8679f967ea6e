import { z } from 'zod';
import { email, line, secret, username } from '#server/http/fields.js';

export const setupForm = z
  .strictObject({
    organization: line('Enter the name of your organisation.', 100),
    slug: line('Enter a short name, such as acme.', 63),
    name: line('Enter your name.', 100),
    username: username(),
    email: email(),
    newPassword: secret('Enter a password.'),
    confirmPassword: secret('Enter the password a second time.'),
  })
  .refine((typed) => typed.newPassword === typed.confirmPassword, {
    path: ['confirmPassword'],
    error: 'The two passwords differ. Type the password again.',
  });
