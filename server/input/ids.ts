import * as z from 'zod';
import { asList } from './choices.js';
import { alike } from './kind.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const UNKNOWN = 'Choose one of the list.';

/** One id of ours; what is none finds nothing, so it is refused before it reaches the database. */
export function id(message = UNKNOWN) {
  const json = z.uuid().transform((given) => given.toLowerCase());
  return { form: z.string({ error: message }).regex(UUID, { error: message }), json, change: json };
}

/** The same where there may be none: '' then. */
export function optionalId() {
  const { form, json } = id();
  return { form: z.union([form, z.literal('')], { error: UNKNOWN }), json, change: json };
}

/** The same where none is a choice of its own: '' in a form, null in JSON, as it is read there. */
export function idOrNone() {
  const { form } = optionalId();
  const json = z.union([id().json, z.literal(''), z.null()]).transform((given) => given ?? '');
  return { form, json, change: json };
}

/** Something with an id that stands in what is read, and may be sent back with it. */
export function readBack() {
  return alike(z.looseObject({ id: z.uuid() }).nullable());
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
