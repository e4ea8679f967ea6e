import * as z from 'zod';

/**
 * A kind of field in its spellings: as a form sends it, as JSON has it, and as JSON has it in a change, where what is not
 * sent stays as it is. All three give the same value.
 */
export interface Kind<
  Form extends z.ZodType = z.ZodType,
  Json extends z.ZodType = z.ZodType,
  Change extends z.ZodType = z.ZodType,
> {
  readonly form: Form;
  readonly json: Json;
  readonly change: Change;
}

/** What somebody may send, by the names of its fields. */
export type Input = Readonly<Record<string, Kind>>;

type Spelt<I extends Input, As extends keyof Kind> = { -readonly [Name in keyof I]: I[Name][As] };

/** The form of an input: these fields, and no other. */
export function asForm<I extends Input>(input: I) {
  return z.strictObject(spelt(input, 'form'));
}

/** The form of what is only a button. */
export const nothing = asForm({});

/** What the address of a page may ask for; what is unknown there is passed over. */
export function asQuery<I extends Input>(input: I) {
  return z.object(spelt(input, 'form'));
}

/** The body of an input: these fields, and no other. */
export function asBody<I extends Input>(input: I) {
  return z.strictObject(spelt(input, 'json'));
}

/** The same for what a standard, or a proxy, may send more with: that is passed over. */
export function asLooseBody<I extends Input>(input: I) {
  return z.looseObject(spelt(input, 'json'));
}

/** The body of a change: what is left out stays as it is. */
export function asChanges<I extends Input>(input: I) {
  const shape = Object.entries(input).map(([name, { change }]) => [name, change.exactOptional()]);
  return z.strictObject(Object.fromEntries(shape) as { [Name in keyof I]: z.ZodExactOptional<I[Name]['change']> });
}

/** The filters that a list of the API has beside its place and its length. */
export function asFilters<I extends Input>(input: I): Spelt<I, 'json'> {
  return spelt(input, 'json');
}

/** A kind that is spelt alike by every door. */
export function alike<One extends z.ZodType>(schema: One): Kind<One, One, One> {
  return { form: schema, json: schema, change: schema };
}

/** The same, which need not be sent. */
export function optional<F extends z.ZodType, J extends z.ZodType, C extends z.ZodType>({
  form,
  json,
  change,
}: Kind<F, J, C>): Kind<z.ZodOptional<F>, z.ZodOptional<J>, C> {
  return { form: form.optional(), json: json.optional(), change };
}

/** The same, which has this value where it is not sent. */
export function otherwise<F extends z.ZodType, J extends z.ZodType, C extends z.ZodType>(
  { form, json, change }: Kind<F, J, C>,
  value: z.output<C>,
): Kind<z.ZodDefault<F>, z.ZodDefault<J>, C> {
  return { form: withDefault(form, value), json: withDefault(json, value), change };
}

/** The same, and what the description of the API says of it. */
export function described<K extends Kind>({ form, json, change }: K, words: string): K {
  return { form, json: json.describe(words), change: change.describe(words) } as K;
}

function spelt<I extends Input, As extends keyof Kind>(input: I, as: As): Spelt<I, As> {
  return Object.fromEntries(Object.entries(input).map(([name, kind]) => [name, kind[as]])) as Spelt<I, As>;
}

function withDefault<One extends z.ZodType>(schema: One, value: unknown): z.ZodDefault<One> {
  return schema.default(value as z.core.util.NoUndefined<z.output<One>>);
}
