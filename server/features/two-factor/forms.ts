import { z } from 'zod';
import { code, secret } from '#server/http/fields.js';

export const confirmationForm = z.strictObject({ code: code() });
export const disablingForm = z.strictObject({ password: secret('Enter your password.'), code: code() });
