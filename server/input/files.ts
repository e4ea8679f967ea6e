import * as z from 'zod';
import { SentFile } from '#server/lib/sent-file.js';
import { alike } from './kind.js';

/** A file that a form came with; absent where none was chosen. */
export function sentFile(message: string) {
  const chosen = z.instanceof(SentFile, { error: message });
  const form = z.preprocess((given) => (given === '' ? undefined : given), chosen.optional());
  return { form, json: form, change: form };
}

/** A file that JSON has in Base64 (RFC 4648, 4), or null for none; a form sends it as it is. */
export function fileOrNone(message: string) {
  const json = z
    .base64()
    .transform((text) => new SentFile(Buffer.from(text, 'base64')))
    .nullable();
  return { form: sentFile(message).form, json, change: json };
}

/** A text as it was pasted, of any length that a body may have; it is read where it is used. */
export function pasted(message: string) {
  return alike(z.string({ error: message }).default(''));
}
