import type { Request, Response } from 'express';
import { z } from 'zod';
import { Invalid, NotFound, type FieldError } from '#server/errors.js';
import { isId } from './fields.js';

/** What a form accepts: nothing but the named fields. */
export type Form<T> = z.ZodType<T>;

/** What a page needs to show a form again: what was wrong, and what was typed. */
export interface Problem {
  errors: readonly FieldError[];
  values: Record<string, unknown>;
}

const SECRET_FIELDS = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'confirmPassword',
  'code',
  'recoveryCode',
]);

/** Reads a form or a query by its schema; throws `Invalid` with every field that is wrong. */
export function readForm<T>(form: Form<T>, given: unknown): T {
  const parsed = form.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const errors = new Map<string, FieldError>();
  for (const issue of parsed.error.issues) {
    const unknown = issue.code === 'unrecognized_keys';
    const field = unknown ? '' : String(issue.path[0] ?? '');
    const message = unknown
      ? 'This form was sent with a field that it does not have. Reload the page and try again.'
      : issue.message;
    if (!errors.has(field)) errors.set(field, { field, message });
  }
  throw new Invalid([...errors.values()]);
}

/** Reads a query leniently: what is wrong or unknown counts as absent, because a link with a typo should still show the list. */
export function readQuery<T extends z.ZodRawShape>(
  form: z.ZodObject<T>,
  query: Request['query'],
): z.infer<z.ZodObject<T>> {
  const known = Object.entries(form.shape).map(([name, field]) => {
    const parsed = (field as z.ZodType).safeParse(query[name]);
    return [name, parsed.success ? query[name] : undefined];
  });
  return form.parse(Object.fromEntries(known));
}

/** The same five beats for every form: read, act, then either go on, or show the page again with 422 and what was typed. */
export async function answerForm<T, R>(
  req: Request,
  res: Response,
  beats: {
    form: Form<T>;
    act: (values: T) => Promise<R>;
    done: (result: R, values: T) => void | Promise<void>;
    again: (problem: Problem) => void | Promise<void>;
  },
): Promise<void> {
  let values: T;
  let result: R;
  try {
    values = readForm(beats.form, req.body);
    result = await beats.act(values);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    res.status(422);
    await beats.again({ errors: error.errors, values: typedValues(req.body) });
    return;
  }
  await beats.done(result, values);
}

/** What was typed, to show it again: plain texts and lists of texts, and never a secret. */
export function typedValues(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([name]) => !SECRET_FIELDS.has(name)));
}

/** The id in the path, or 404: what has not the shape of an id cannot be there. */
export function pathId(req: Request, name = 'id'): string {
  const given: unknown = req.params[name];
  if (!isId(given)) throw new NotFound();
  return given;
}
