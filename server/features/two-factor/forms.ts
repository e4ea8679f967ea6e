import { z } from 'zod';
import { code } from '#server/http/fields.js';

export const confirmationForm = z.strictObject({ code: code() });
