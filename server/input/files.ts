import { z } from 'zod';
import { SentFile } from '#server/lib/sent-file.js';
import { alike } from './kind.js';

/** A file that a form came with; absent where none was chosen. */
export function sentFile(message: string) {
  const chosen = z.instanceof(SentFile, { error: message });
  const form = z.preprocess((given) => (given === '' ? undefined : given), chosen.optional());
  return { form, json: form, change: form };
}

/** A text as it was pasted, of any length that a body may have; it is read where it is used. */
export function pasted(message: string) {
  return alike(z.string({ error: message }).default(''));
}
