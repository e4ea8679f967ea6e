type Schema = Record<string, unknown>;

const KNOWN = new Set([
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
  'items',
  'anyOf',
  '$ref',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'description',
  'default',
  'contentEncoding',
]);

const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

/**
 * What in a value is not as a JSON Schema (of the part of 2020-12 that our document uses) says; empty when all is.
 * `components` are the schemas that `#/components/schemas/…` refers to.
 */
export function faultsOf(value: unknown, schema: Schema, components: Record<string, Schema>, at = '$'): string[] {
  const strange = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword));
  if (strange.length > 0) throw new Error(`${at}: the schema says ${strange.join()}, which nobody checks.`);
  const below = (one: unknown, of: unknown, place: string): string[] => faultsOf(one, of as Schema, components, place);
  if (typeof schema['$ref'] === 'string') {
    const named = components[schema['$ref'].replace('#/components/schemas/', '')];
    return named ? below(value, named, at) : [`${at}: ${schema['$ref']} leads nowhere`];
  }
  const faults: string[] = [];
  const say = (right: boolean, what: string): void => {
    if (!right) faults.push(`${at} ${what}: ${JSON.stringify(value)}`);
  };
  const either = schema['anyOf'] as Schema[] | undefined;
  if (either)
    say(
      either.some((one) => below(value, one, at).length === 0),
      'is none of the kinds',
    );
  const types = [(schema['type'] ?? []) as string | string[]].flat();
  if (types.length > 0)
    say(
      types.some((type) => isOf(value, type)),
      `is no ${types.join(' or ')}`,
    );
  if (schema['enum']) say((schema['enum'] as unknown[]).includes(value), 'is not in the list');
  if ('const' in schema) say(value === schema['const'], 'is another value');
  if (typeof value === 'string') {
    const {
      format,
      pattern,
      minLength = 0,
      maxLength = Infinity,
    } = schema as { format?: string; pattern?: string; minLength?: number; maxLength?: number };
    if (format !== undefined && FORMATS[format]) say(FORMATS[format].test(value), `is no ${format}`);
    if (schema['contentEncoding'] === 'base64') say(/^[A-Za-z0-9+/]*={0,2}$/.test(value), 'is no base64');
    if (pattern !== undefined) say(new RegExp(pattern, 'u').test(value), 'has another form');
    say(value.length >= minLength && value.length <= maxLength, 'is too short or too long');
  }
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema as { minimum?: number; maximum?: number };
    say(value >= minimum && value <= maximum, 'is too small or too great');
  }
  if (Array.isArray(value)) {
    const {
      minItems = 0,
      maxItems = Infinity,
      items = {},
    } = schema as { minItems?: number; maxItems?: number; items?: Schema };
    say(value.length >= minItems && value.length <= maxItems, 'has too few or too many');
    faults.push(...value.flatMap((one, index) => below(one, items, `${at}[${index}]`)));
  } else if (typeof value === 'object' && value !== null) {
    const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
    const others = schema['additionalProperties'] ?? {};
    for (const name of (schema['required'] ?? []) as string[]) say(Object.hasOwn(value, name), `lacks ${name}`);
    for (const [name, one] of Object.entries(value)) {
      if (Object.hasOwn(properties, name)) faults.push(...below(one, properties[name], `${at}.${name}`));
      else if (others === false) faults.push(`${at} has ${name}, which is not documented`);
      else faults.push(...below(one, others, `${at}.${name}`));
    }
  }
  return faults;
}

function isOf(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
