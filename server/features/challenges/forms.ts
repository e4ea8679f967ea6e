import { z } from 'zod';
import { checkbox, code, recoveryCode } from '#server/http/fields.js';

export const codeForm = z.strictObject({ code: code(), remember: checkbox() });
export const setupCodeForm = z.strictObject({ code: code() });
export const recoveryForm = z.strictObject({ recoveryCode: recoveryCode() });
