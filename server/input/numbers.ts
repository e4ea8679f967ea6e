import * as z from 'zod';

/** A whole number in a range; in a form it is typed. */
export function whole(min: number, max: number, message = `Enter a whole number from ${min} to ${max}.`) {
  const json = z.number().int().min(min).max(max);
  const form = z
    .string({ error: message })
    .trim()
    .regex(/^\d{1,9}$/, { error: message })
    .transform(Number)
    .pipe(z.number().min(min, { error: message }).max(max, { error: message }));
  return { form, json, change: json };
}
