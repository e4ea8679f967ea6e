import { z } from 'zod';
import { checkbox, code } from '#server/http/fields.js';

export const codeForm = z.strictObject({ code: code(), remember: checkbox() });
export const setupCodeForm = z.strictObject({ code: code() });
export const recoveryForm = z.strictObject({
  recoveryCode: z
    .string({ error: 'Enter one of your recovery codes.' })
    .trim()
    .min(1, { error: 'Enter one of your recovery codes.' })
    .max(100, { error: 'A recovery code has 16 letters and digits.' }),
});
