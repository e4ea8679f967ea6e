import * as z from 'zod';
import { textProblem } from '#policies/names.js';
import { tidy, tidyLine } from '#policies/text.js';
import { canonicalAccessPass } from '#server/lib/access-pass.js';
import { canonicalRecoveryCode } from '#server/lib/recovery-code.js';
import { sixDigitsIn } from '#server/lib/typed-code.js';
import { alike } from './kind.js';
import { refuse } from './refuse.js';

/** The kinds of text. A form refuses arrays, objects, control characters and what is too long; JSON what is no string, too. */

/** One line that must not be empty. */
export function line(missing: string, max: number) {
  const json = z.string().overwrite(tidyLine).min(1).max(max).superRefine(refuse(textProblem));
  return { form: optionalLine(max).form.refine((text) => text !== '', { error: missing }), json, change: json };
}

/** One line; '' when it was left empty or is absent. */
export function optionalLine(max: number) {
  const change = z.string().overwrite(tidyLine).max(max).superRefine(refuse(textProblem));
  const form = z
    .string({ error: 'Enter one value.' })
    .overwrite(tidyLine)
    .max(max, { error: tooLong(max) })
    .superRefine(refuse(textProblem, 'always'))
    .default('');
  return { form, json: change.default(''), change };
}

/** Several lines; line ends become \n. */
export function lines(max: number) {
  const problemOf = (text: string): string | null => textProblem(text, 'many');
  const json = z.string().overwrite(tidy).max(max).superRefine(refuse(problemOf));
  const form = z
    .string({ error: 'Enter one value.' })
    .transform((text) => tidy(text.replace(/\r\n?/g, '\n')))
    .pipe(
      z
        .string()
        .max(max, { error: tooLong(max) })
        .superRefine(refuse(problemOf, 'always')),
    )
    .default('');
  return { form, json, change: json };
}

/** A password as it was typed: not trimmed, and never shown again. Its rules are `checkPassword()`'s to tell. */
export function secret(missing: string) {
  return alike(
    z.string({ error: missing }).min(1, { error: missing }).max(4096, { error: 'Use at most 128 characters.' }),
  );
}

/** The same where there may be none: '' then. */
export function optionalSecret() {
  return alike(
    z.string({ error: 'Enter one password.' }).max(4096, { error: 'Use at most 128 characters.' }).default(''),
  );
}

/** A code of an authenticator app: six digits, whatever came along with them from where they were copied. */
export function code() {
  return alike(sixDigits());
}

/** The same where there may be none: '' then. */
export function optionalCode() {
  return alike(sixDigits().or(z.literal('')).default(''));
}

/** A recovery code, likewise; what has not the shape of one is refused here, and counts as nobody's guess. */
export function recoveryCode() {
  return typedCode(canonicalRecoveryCode, 'A recovery code has 16 letters and digits. Enter one of yours.');
}

/** A temporary access pass, likewise. */
export function accessPass() {
  return typedCode(canonicalAccessPass, 'An access pass has 12 letters and digits. Enter the one that you were given.');
}

/** What an authenticator answered, as the script of the page puts it into its form. */
export function passkeyAnswer() {
  const message = 'Your browser sent no passkey. Press the button and follow what it asks.';
  return alike(z.string({ error: message }).min(1, { error: message }).max(16_384, { error: message }));
}

/** Where to go on afterwards, which `safeNext()` still has to allow; what is not one text, or too long for an address, is nowhere. */
export function onward() {
  return alike(z.string().max(2000).catch('').default(''));
}

/** A text that this server has made, and brings back as it was; it is looked at where it is used. */
export function token(max: number) {
  return alike(z.string().max(max));
}

/** A text of this shape. */
export function shaped(shape: RegExp, message: string) {
  return alike(z.string({ error: message }).regex(shape, { error: message }));
}

/** The same, which must be there. */
export function someToken(max: number) {
  return alike(z.string().min(1).max(max));
}

/** Several of them. */
export function tokens(max: number, most: number) {
  return alike(z.array(z.string().max(max)).max(most));
}

const TYPED_CODE_MAX = 100;

function typedCode(canonical: (typed: unknown) => string | null, message: string) {
  return alike(
    z
      .string({ error: message })
      .max(TYPED_CODE_MAX, { error: message })
      .overwrite((typed) => canonical(typed) ?? '')
      .min(1, { error: message }),
  );
}

function sixDigits() {
  const message = 'Enter the six digits that your app shows.';
  return z
    .string({ error: message })
    .max(TYPED_CODE_MAX, { error: message })
    .overwrite(sixDigitsIn)
    .regex(/^[0-9]{6}$/, { error: message });
}

function tooLong(max: number): string {
  return `Use at most ${max} characters.`;
}
