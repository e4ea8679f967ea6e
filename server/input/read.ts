import type { z } from 'zod';
import { Invalid, type FieldError } from '#server/errors.js';
import { inWords } from './words.js';

/** Reads a form or a query by its schema; throws `Invalid` with every field that is wrong, by its name. */
export function readForm<T>(form: z.ZodType<T>, given: unknown): T {
  return read(form, given ?? {}, (issue) =>
    issue.code === 'unrecognized_keys'
      ? [
          {
            field: '',
            message: 'This form was sent with a field that it does not have. Reload the page and try again.',
          },
        ]
      : [{ field: String(issue.path[0] ?? ''), message: issue.message }],
  );
}

const MOST_ERRORS = 20;

/** Reads a query or a body of the API; throws `Invalid` with every field that is wrong, by its path: `tokens.3`. */
export function readJson<T>(schema: z.ZodType<T>, given: unknown): T {
  const faultsOf = (issue: z.core.$ZodIssue): FieldError[] => {
    const path = issue.path.map(String);
    const fault = (names: string[], message: string): FieldError => ({
      field: names.join('.').slice(0, 200),
      message,
    });
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => fault([...path, key], 'There is no such field here. Leave it out.'))
      : [fault(path, issue.message)];
  };
  return read(schema, given, faultsOf, { error: inWords, most: MOST_ERRORS });
}

/** Reads a query leniently: what is wrong or unknown counts as absent, because a link with a typo should still show the list. */
export function readQuery<T extends z.ZodRawShape>(
  form: z.ZodObject<T>,
  query: Readonly<Record<string, unknown>>,
): z.infer<z.ZodObject<T>> {
  const known = Object.entries(form.shape).map(([name, field]) => {
    const parsed = (field as z.ZodType).safeParse(query[name]);
    return [name, parsed.success ? query[name] : undefined];
  });
  return form.parse(Object.fromEntries(known));
}

/** The names of what `readQuery` left out, because it is not as the form has it: a list says so. */
export function leftOut<T extends z.ZodRawShape>(
  form: z.ZodObject<T>,
  query: Readonly<Record<string, unknown>>,
): string[] {
  const asked = Object.entries(form.shape).filter(([name]) => query[name] !== undefined && query[name] !== '');
  return asked.filter(([name, field]) => !(field as z.ZodType).safeParse(query[name]).success).map(([name]) => name);
}

interface Telling {
  /** Words for what a schema has none of its own for. */
  error?: z.core.$ZodErrorMap;
  most?: number;
}

// Of each field the first thing that is wrong.
function read<T>(
  schema: z.ZodType<T>,
  given: unknown,
  faultsOf: (issue: z.core.$ZodIssue) => FieldError[],
  { error, most }: Telling = {},
): T {
  const parsed = schema.safeParse(given, error && { error });
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const fault of parsed.error.issues.flatMap(faultsOf))
    if (!errors.has(fault.field)) errors.set(fault.field, fault);
  throw new Invalid([...errors.values()].slice(0, most));
}

type Shown = Record<string, unknown>;

/**
 * What was changed in a form. What was left as the form showed it is left out, so that it stays as somebody else may have
 * changed it meanwhile; of a form that does not say what it showed, everything counts. `was` is what it showed, read as the
 * form is, and `seen` the same as it spelt it.
 */
export function changesIn<T extends z.ZodRawShape, V extends object>(
  form: z.ZodObject<T>,
  { _shown, ...values }: V & { _shown?: Shown | undefined },
): { changes: Partial<Omit<V, '_shown'>>; was: Shown | null; seen: Shown | undefined } {
  const was = _shown ? shownIn(form, _shown) : null;
  return { changes: changedFrom(was ?? {}, values as Omit<V, '_shown'>), was, seen: _shown };
}

/** What a form showed, read as the form itself is: what is not as it should be is left out. */
export function shownIn<T extends z.ZodRawShape>(form: z.ZodObject<T>, was: Shown): Partial<z.infer<z.ZodObject<T>>> {
  const read = ([name, kind]: [string, unknown]): [string, unknown] => [
    name,
    (kind as z.ZodType).safeParse(was[name]).data,
  ];
  return Object.fromEntries(Object.entries(form.shape).map(read)) as Partial<z.infer<z.ZodObject<T>>>;
}

/** The values that are not as they were. */
export function changedFrom<V extends object>(was: Shown, values: V): Partial<V> {
  const changed = Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]));
  return Object.fromEntries(changed) as Partial<V>;
}
