import * as z from 'zod';
import { alike } from './kind.js';

type Fields = Record<string, unknown>;

/**
 * What the form showed, as it is put there by the element `shown`. A form is of the moment at which it was rendered, and
 * may be sent much later: so it says what it stood on. What cannot be read counts as not sent.
 */
export function shown() {
  return alike(z.string().transform(fieldsIn).optional().catch(undefined));
}

function fieldsIn(text: string): Fields | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? (fields as Fields) : undefined;
}
