import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Invalid, NotFound, type FieldError } from '#server/errors.js';
import { ChangedSince } from '#server/identity/changed-since.js';
import { isId } from '#server/input/ids.js';
import { readForm } from '#server/input/read.js';
import { SentFile } from '#server/lib/sent-file.js';

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
  'credential',
  'pass',
]);

/** The same five beats for every form: read, act, then either go on, or show the page again with 422 and what was typed. */
export async function answerForm<T, R>(
  req: Request,
  res: Response,
  beats: {
    form: Form<T>;
    act: (values: T) => Promise<R>;
    done: (result: R, values: T) => void | Promise<void>;
    again: (problem: Problem) => void | Promise<void>;
    /** What the form calls what the action, which knows no form, calls otherwise. */
    names?: Readonly<Record<string, string>>;
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
    const { names = {} } = beats;
    const errors = error.errors.map(({ field, message }) => ({ field: names[field] ?? field, message }));
    const typed = typedValues(req.body);
    await beats.again({ errors, values: error instanceof ChangedSince ? told(typed, error) : typed });
    return;
  }
  await beats.done(result, values);
}

// Whoever has been told of what others have changed, and sends the form again, knows it.
function told(typed: Record<string, unknown>, { shown, values }: ChangedSince): Record<string, unknown> {
  const was = JSON.parse(String(typed['_shown'])) as object;
  const now = Object.entries(shown).map(([name, value]) => [
    name,
    Array.isArray(value) ? (value as unknown) : String(value),
  ]);
  return { ...typed, ...values, _shown: JSON.stringify({ ...was, ...(Object.fromEntries(now) as object) }) };
}

/** What was typed, to show it again: plain texts and lists of texts, and never a secret or a file. */
export function typedValues(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  const isShown = ([name, value]: [string, unknown]): boolean => !SECRET_FIELDS.has(name) && !hasFile(value);
  return Object.fromEntries(Object.entries(body).filter(isShown));
}

/** Whether a field is a file, or has one among its values. */
export function hasFile(value: unknown): boolean {
  return [value].flat().some((one) => one instanceof SentFile);
}

/** The id in the path, or 404: what has not the shape of an id cannot be there. */
export function pathId(req: Request, name = 'id'): string {
  const id = String(req.params[name]).toLowerCase();
  if (!isId(id)) throw new NotFound();
  return id;
}
