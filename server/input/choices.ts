import * as z from 'zod';
import { alike } from './kind.js';

/** A box: true when it was ticked; a browser sends nothing for one that was not. */
export function checkbox() {
  const change = z.boolean();
  const form = box().form;
  return { form: form.prefault(''), json: change.default(false), change };
}

/** A box of which it counts whether it was sent: one that was cleared is told apart from one that was not there. */
export function box() {
  const json = z.boolean();
  const form = z
    .enum(['on', 'true', '1', 'false', '0', ''], { error: 'Tick the box or leave it.' })
    .transform((value) => value === 'on' || value === 'true' || value === '1');
  return { form, json, change: json };
}

export function choice<const T extends readonly string[]>(values: T, message = 'Choose one of the list.') {
  const json = z.enum(values);
  return { form: z.enum(values, { error: message }), json, change: json };
}

/** The one word that can be sent. */
export function exactly<const T extends string>(value: T) {
  return alike(z.literal(value));
}

/** A filter that is on, or absent. */
export function filter() {
  const json = z
    .enum(['true', 'yes'])
    .transform((): 'yes' => 'yes')
    .optional();
  return { form: z.literal('yes').optional(), json, change: json };
}

/** Some of a few words, sent by repeated fields. What is none of them the action refuses to whoever uses a form. */
export function several<const T extends readonly string[]>(values: T, message = 'Choose some of the list.') {
  const json = z.array(z.enum(values)).max(100);
  const form = z.preprocess(asList, z.array(z.string().max(60), { error: message }).max(100));
  return { form, json, change: json };
}

/** Fields of one name as the list that they are: none, one or several. */
export function asList(value: unknown): unknown {
  return value === undefined || value === '' ? [] : [value].flat();
}
