import * as z from 'zod';

export type Json = Record<string, unknown>;

/** The schemas that have a name, by that name: `{"$ref":"#/components/schemas/User"}` in place of the whole. */
export type Components = Record<string, Json>;

/** A schema of ours as JSON Schema 2020-12; the named ones in it go to `components`. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output', components: Components): Json {
  const {
    $schema: _dialect,
    $defs = {},
    ...json
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: plainly });
  for (const [name, named] of Object.entries($defs)) components[name] = withReferences(named);
  return withReferences(json);
}

// A named format says all that its pattern would, and a reader can bear it.
function plainly({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}

function withReferences(json: Json): Json {
  const text = JSON.stringify(json).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/');
  const { id: _id, ...rest } = JSON.parse(text) as Json;
  return rest;
}
