import { z } from 'zod';
import {
  emailProblem,
  EMAIL_MAX,
  NAME_MAX,
  slugProblem,
  textProblem,
  tidyEmail,
  USERNAME_MAX,
  usernameProblem,
} from '#policies/names.js';
import { tidy } from '#policies/text.js';

/** The kinds of value that bodies, queries and answers of the API are made of. */

/** One line of text that must not be empty. */
export function apiLine(max: number) {
  return z.string().overwrite(tidy).min(1).max(max).superRefine(refuse(oneLine));
}

/** Several lines of text. */
export function apiText(max: number) {
  return z
    .string()
    .overwrite(tidy)
    .max(max)
    .superRefine(refuse((text) => textProblem(text, 'many')));
}

/** A name of a person, a role, an organisation. */
export const apiName = apiLine(NAME_MAX);

export const apiUsername = z
  .string()
  .trim()
  .min(1)
  .max(USERNAME_MAX)
  .superRefine(refuse(oneLine))
  .superRefine(refuse(usernameProblem))
  .describe('Letters, digits, dots, dashes and underscores.');

export const apiEmail = z
  .string()
  .overwrite(tidyEmail)
  .min(1)
  .max(EMAIL_MAX)
  .superRefine(refuse(oneLine))
  .superRefine(refuse(emailProblem))
  .meta({ format: 'email' });

export const apiSlug = z
  .string()
  .max(63)
  .superRefine(refuse(slugProblem))
  .describe('Lower-case letters, digits and dashes.');

/** An id in a query or a body; what has not the shape of one can name nothing. */
export const apiId = z.uuid().transform((id) => id.toLowerCase());

/** What is looked for in a list; '' finds all. */
export const apiSearch = z.string().overwrite(tidy).max(100).superRefine(refuse(oneLine)).default('');

/** A filter that is on or absent. */
export const apiFlag = z.enum(['true', 'yes']).optional();

/** A time as the API writes it. */
export const apiTime = z.iso.datetime().describe('ISO 8601, UTC');

/** A time of ours (ms) as the API writes it; null for none, which a row that was just made has not set. */
export function isoTime(at: number): string;
export function isoTime(at: number | null | undefined): string | null;
export function isoTime(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}

function oneLine(text: string): string | null {
  return textProblem(text);
}

function refuse(problemOf: (text: string) => string | null) {
  return (text: string, context: z.RefinementCtx): void => {
    // What an earlier check has refused is not refused a second time.
    const problem = text === '' || context.issues.length > 0 ? null : problemOf(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  };
}
