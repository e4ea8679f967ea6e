import { z } from 'zod';
import { emailProblem, EMAIL_MAX, textProblem, tidyEmail, usernameProblem } from '#policies/names.js';
import { tidy } from '#policies/text.js';
import { canonicalRecoveryCode } from '#server/lib/recovery-code.js';
import { bareCode } from '#server/lib/typed-code.js';

/** The kinds of field that forms are made of. Each refuses arrays, objects, control characters and what is too long. */

/** One line of text that must not be empty. */
export function line(missing: string, max: number) {
  return optionalLine(max).refine((text) => text !== '', { error: missing });
}

/** One line of text; '' when it was left empty or is absent. */
export function optionalLine(max: number) {
  return z
    .string({ error: 'Enter one value.' })
    .overwrite(tidy)
    .max(max, { error: `Use at most ${max} characters.` })
    .superRefine(refuse((text) => textProblem(text)))
    .default('');
}

/** Several lines of text; line ends become \n. */
export function lines(max: number) {
  return z
    .string({ error: 'Enter one value.' })
    .transform((text) => tidy(text.replace(/\r\n?/g, '\n')))
    .pipe(
      z
        .string()
        .max(max, { error: `Use at most ${max} characters.` })
        .superRefine(refuse((text) => textProblem(text, 'many'))),
    )
    .default('');
}

/** A password as it was typed: not trimmed, and never shown again. Its rules are `checkPassword()`'s to tell. */
export function secret(missing: string) {
  return z.string({ error: missing }).min(1, { error: missing }).max(4096, { error: 'Use at most 128 characters.' });
}

/** A code of an authenticator app: six digits, whatever came along with them from where they were copied. */
export function code() {
  const message = 'Enter the six digits that your app shows.';
  return z
    .string({ error: message })
    .max(TYPED_CODE_MAX, { error: message })
    .overwrite(bareCode)
    .regex(/^[0-9]{6}$/, { error: message });
}

/** A recovery code, likewise; what has not the shape of one is refused here, and counts as nobody's guess. */
export function recoveryCode() {
  const message = 'A recovery code has 16 letters and digits. Enter one of yours.';
  return z
    .string({ error: message })
    .max(TYPED_CODE_MAX, { error: message })
    .overwrite((typed) => canonicalRecoveryCode(typed) ?? '')
    .min(1, { error: message });
}

const TYPED_CODE_MAX = 100;

export function username() {
  // Not made tidy: what nobody sees in a name that other systems know somebody by is refused, not guessed at.
  return z
    .string({ error: 'Enter one value.' })
    .trim()
    .max(200, { error: 'Use at most 200 characters.' })
    .superRefine(refuse((text) => (text === '' ? null : (textProblem(text) ?? usernameProblem(text)))))
    .default('')
    .refine((text) => text !== '', { error: 'Enter a username.' });
}

export function email() {
  return line('Enter an e-mail address.', EMAIL_MAX)
    .overwrite(tidyEmail)
    .superRefine(refuse((text) => (text === '' ? null : emailProblem(text))));
}

/** A box: true when it was ticked; a browser sends nothing for one that was not. */
export function checkbox() {
  return z
    .enum(['on', 'true', '1', 'false', '0', ''], { error: 'Tick the box or leave it.' })
    .default('')
    .transform((value) => value === 'on' || value === 'true' || value === '1');
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, message = 'Choose one of the list.') {
  return z.enum(values, { error: message });
}

/** A whole number in a range, typed in a field. */
export function whole(min: number, max: number, message = `Enter a whole number from ${min} to ${max}.`) {
  return z
    .string({ error: message })
    .trim()
    .regex(/^\d{1,9}$/, { error: message })
    .transform(Number)
    .pipe(z.number().min(min, { error: message }).max(max, { error: message }));
}

/** Where to go on afterwards, which `safeNext()` still has to allow; what is not one text, or too long for an address, is nowhere. */
export function onward() {
  return z.string().max(2000).catch('').default('');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** One id of ours; what is none finds nothing, so it is refused before it reaches the database. */
export function idField(message: string) {
  return z.string({ error: message }).regex(UUID, { error: message });
}

/** Ids sent by repeated fields, `roleIds=…&roleIds=…`. */
export function ids(message: string) {
  return z.preprocess(
    (value): unknown => (value === undefined || value === '' ? [] : [value].flat()),
    z.array(idField(message), { error: message }).max(200, { error: 'Choose at most 200.' }),
  );
}

export function isId(text: unknown): text is string {
  return typeof text === 'string' && UUID.test(text);
}

function refuse(problemOf: (text: string) => string | null) {
  return (text: string, context: z.RefinementCtx): void => {
    const problem = problemOf(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  };
}
