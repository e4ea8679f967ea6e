import { z } from 'zod';
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

/**
 * What was changed in a form. What was left as the form showed it is left out, so that it stays as somebody else may have
 * changed it meanwhile; of a form that does not say what it showed, everything counts.
 */
export function changesIn<T extends z.ZodRawShape, V extends object>(
  form: z.ZodObject<T>,
  { _shown: was, ...values }: V & { _shown?: Fields | undefined },
): { changes: Partial<Omit<V, '_shown'>>; was: Fields | null } {
  if (!was) return { changes: values as Omit<V, '_shown'>, was: null };
  const before = Object.fromEntries(
    Object.entries(form.shape).map(([name, kind]) => [name, (kind as z.ZodType).safeParse(was[name]).data]),
  );
  const changed = Object.entries(values).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return { changes: Object.fromEntries(changed) as Partial<Omit<V, '_shown'>>, was: before };
}

/** A list as somebody chose it who was shown how it was: what has been taken out of it meanwhile does not come back. */
export function listAfter(now: readonly string[], was: readonly string[], wanted: readonly string[]): string[] {
  return [...new Set(wanted)].filter((one) => now.includes(one) || !was.includes(one));
}
