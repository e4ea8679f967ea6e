import { z } from 'zod';
import { line, optionalLine } from '#server/http/fields.js';

export const forgotForm = z.strictObject({
  organization: line('Enter the short name of your organisation.', 100),
  username: line('Enter your username or e-mail address.', 254),
});

export const forgotQuery = z.object({ organization: optionalLine(100) });
