import * as z from 'zod';
import { canonicalColour, colourProblem } from '#policies/brand.js';
import { isLocale, LOCALES, timeZoneCalled } from '#policies/locales.js';
import {
  EMAIL_MAX,
  emailProblem,
  slugProblem,
  textProblem,
  tidyEmail,
  USERNAME_MAX,
  usernameProblem,
} from '#policies/names.js';
import { normalised } from '#policies/text.js';
import { line, optionalLine } from './text.js';
import { refuse } from './refuse.js';

/** What people, organisations and places are called. */

export function username() {
  // Composed and no more: what nobody sees in a name that other systems know somebody by is refused, not guessed at.
  const composed = (typed: string): string => normalised(typed.trim(), 'NFC');
  const form = z
    .string({ error: 'Enter one value.' })
    .overwrite(composed)
    .max(200, { error: 'Use at most 200 characters.' })
    .superRefine(refuse((text) => (text === '' ? null : (textProblem(text) ?? usernameProblem(text))), 'always'))
    .default('')
    .refine((text) => text !== '', { error: 'Enter a username.' });
  const json = z
    .string()
    .overwrite(composed)
    .min(1)
    .max(USERNAME_MAX)
    .superRefine(refuse(textProblem))
    .superRefine(refuse(usernameProblem))
    .describe('Letters, digits, dots, dashes and underscores.');
  return { form, json, change: json };
}

export function email() {
  const form = line('Enter an e-mail address.', EMAIL_MAX)
    .form.overwrite(tidyEmail)
    .superRefine(refuse((text) => (text === '' ? null : emailProblem(text)), 'always'));
  const json = z
    .string()
    .overwrite(tidyEmail)
    .min(1)
    .max(EMAIL_MAX)
    .superRefine(refuse(textProblem))
    .superRefine(refuse(emailProblem))
    .meta({ format: 'email' });
  return { form, json, change: json };
}

/** The same where there may be none: '' then. Who may have none is the action's to say. */
export function emailOrNone() {
  const { form, change } = optionalLine(EMAIL_MAX);
  const json = change.overwrite(tidyEmail).superRefine(refuse(emailProblem));
  return {
    form: form.overwrite(tidyEmail).superRefine(refuse(emailProblem)),
    json: json.default(''),
    change: json,
  };
}

/** The short name of an organisation. */
export function slug() {
  const form = line('Enter a short name, such as acme.', SLUG_MAX).form.superRefine(
    refuse((text) => (text === '' ? null : slugProblem(text)), 'always'),
  );
  const json = z
    .string()
    .max(SLUG_MAX)
    .superRefine(refuse(slugProblem))
    .describe('Lower-case letters, digits and dashes.');
  return { form, json, change: json };
}

const SLUG_MAX = 63;

export function locale() {
  const message = 'Choose a language from the list.';
  const form = z.string({ error: message }).max(64, { error: message }).refine(isLocale, { error: message });
  const json = z.enum(LOCALES.map(({ value }) => value));
  return { form, json, change: json };
}

/** A colour by its name or its number; it is kept in one spelling. */
export function brandColour() {
  const json = z.string().max(64).overwrite(canonicalColour).superRefine(refuse(colourProblem, 'always'));
  const form = z
    .string({ error: 'Enter one colour.' })
    .max(64, { error: 'Use at most 64 characters.' })
    .overwrite(canonicalColour)
    .superRefine(refuse(colourProblem, 'always'));
  return { form, json, change: json };
}

/** A time zone, by whichever of its names; it is kept by the one that it goes by today. */
export function timeZone() {
  const message = 'Choose a time zone from the list.';
  const form = z
    .string({ error: message })
    .max(64, { error: message })
    .refine((typed) => timeZoneCalled(typed) !== null, { error: message })
    .overwrite((typed) => timeZoneCalled(typed) ?? typed);
  const json = z
    .string()
    .max(64)
    .overwrite((typed) => timeZoneCalled(typed) ?? '')
    .min(1, { error: 'Send a time zone of the IANA database, such as Europe/Berlin.' });
  return { form, json, change: json };
}
