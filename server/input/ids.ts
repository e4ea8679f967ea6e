import { z } from 'zod';
import { asList } from './choices.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** One id of ours; what is none finds nothing, so it is refused before it reaches the database. */
export function id(message: string) {
  const json = z.uuid().transform((given) => given.toLowerCase());
  return { form: z.string({ error: message }).regex(UUID, { error: message }), json, change: json };
}

/** The same where there may be none: '' then. */
export function optionalId() {
  const { form, json } = id('');
  return { form: form.or(z.literal('')), json, change: json };
}

/** Ids sent by repeated fields, `roleIds=…&roleIds=…`. That one is due, the action tells whoever uses a form. */
export function ids(message: string) {
  const one = id(message);
  const form = z.preprocess(asList, z.array(one.form, { error: message }).max(200, { error: 'Choose at most 200.' }));
  const json = z.array(one.json).min(1).max(200);
  return { form, json, change: json };
}

export function isId(text: unknown): text is string {
  return typeof text === 'string' && UUID.test(text);
}
