import { z } from 'zod';
import { alike } from './kind.js';

/** A day of whichever time zone the page is in, `2027-12-31`. */
export function day() {
  const form = z.string().pipe(z.iso.date());
  return { form, json: z.iso.date(), change: z.iso.date() };
}

/** The same where there may be none: '' then. */
export function optionalDay() {
  const form = z
    .string({ error: 'Choose one day.' })
    .trim()
    .regex(/^(\d{4}-\d{2}-\d{2})?$/, { error: 'Enter a day in the form 2027-12-31.' })
    .default('');
  return { form, json: form, change: form };
}

/** A moment, as ISO 8601 has it in UTC; milliseconds inside. */
export function time() {
  return alike(iso().transform((text) => Date.parse(text)));
}

/** The same where there may be none: null then. */
export function optionalTime() {
  const inside = (text: string | null): number | null => (text === null ? null : Date.parse(text));
  const change = iso().nullable();
  return {
    form: change.transform(inside),
    json: change.default(null).transform(inside),
    change: change.transform(inside),
  };
}

function iso() {
  return z.iso.datetime().describe('ISO 8601, UTC');
}
