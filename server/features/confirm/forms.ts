import { z } from 'zod';
import { code, recoveryCode, secret } from '#server/http/fields.js';

export const confirmForm = z.strictObject({
  password: secret('Enter your password.'),
  code: code().or(z.literal('')).default(''),
  recoveryCode: recoveryCode().optional(),
  next: z.string().max(2000).default(''),
  kept: z.string().max(100).default(''),
});
