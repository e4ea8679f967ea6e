import { z } from 'zod';
import { line, lines } from '#server/http/fields.js';

const KEY_MAX = 16_384;

export const sshKeyForm = z.strictObject({
  name: line('Enter a name, such as “Laptop”.', 100),
  publicKey: lines(KEY_MAX),
  /** A day, `2027-12-31`; '' for none. */
  expiresOn: z
    .string({ error: 'Choose one day.' })
    .trim()
    .regex(/^(\d{4}-\d{2}-\d{2})?$/, { error: 'Enter a day in the form 2027-12-31.' })
    .default(''),
});

/** A form that is only a button. */
export const bareForm = z.strictObject({});
