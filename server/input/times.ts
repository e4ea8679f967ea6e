import * as z from 'zod';
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

/** A day and a minute as a clock on the wall shows them, `2027-01-31T08:00`; '' for none. Programs may also send it in UTC, with a Z. */
export function optionalMoment() {
  const error = 'Enter a day and a time in the form 2027-01-31T08:00.';
  const form = z
    .string({ error })
    .trim()
    .regex(/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})?$/, { error })
    .default('');
  const json = z.string().regex(/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?Z|Z)?)?$/, { error });
  return { form, json: json.default(''), change: json };
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
