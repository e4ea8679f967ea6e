import { z } from 'zod';
import { code, secret } from '#server/http/fields.js';

export const confirmForm = z.strictObject({
  password: secret('Enter your password.'),
  code: code().or(z.literal('')).default(''),
  recoveryCode: z.string().trim().max(100, { error: 'A recovery code has 16 letters and digits.' }).optional(),
  next: z.string().max(2000).default(''),
  kept: z.string().max(100).default(''),
});
