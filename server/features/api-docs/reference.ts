import { bodyOf } from './bodies.js';
import { exampleOf, typeInWords, type Schema, type Schemas } from './examples.js';

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security?: unknown[];
  'x-permission'?: string;
  parameters: { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<
    string,
    { headers?: Record<string, { description?: string }>; content?: Record<string, { schema: Schema }> }
  >;
}

/** As much of an OpenAPI document as the page reads. */
export interface ApiDocument {
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas };
}

export interface Field {
  name: string;
  words: string;
  required: boolean;
  description: string;
}

/** A call as the page shows it. */
export interface Call {
  anchor: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  permission: string | null;
  /** False for a call that needs no credential. */
  authenticated: boolean;
  parameters: (Field & { place: 'path' | 'query' })[];
  fields: Field[];
  /** The status of what is done, and an example of what it answers; null for nothing. */
  status: string;
  answer: string | null;
  headers: string[];
  curl: string;
}

export interface CallGroup {
  anchor: string;
  name: string;
  calls: Call[];
}

/** The calls of a document by their tags, in its order. */
export function readReference(document: ApiDocument): CallGroup[] {
  const base = document.servers[0]?.url ?? '';
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      tag: operation.tags[0],
      call: readCall(document.components.schemas, base, path, method, operation),
    })),
  );
  return document.tags.map(({ name }) => ({
    name,
    anchor: name.toLowerCase().replace(/[^a-z]+/g, '-'),
    calls: calls.filter(({ tag }) => tag === name).map(({ call }) => call),
  }));
}

function readCall(schemas: Schemas, base: string, path: string, method: string, operation: Operation): Call {
  const [[mediaType, { schema: body }] = ['', { schema: null }]] = Object.entries(operation.requestBody?.content ?? {});
  const [status = '', done] = Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? [];
  const [[replyType, { schema: reply }] = ['', { schema: null }]] = Object.entries(done?.content ?? {});
  const authenticated = operation.security === undefined;
  return {
    anchor: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description,
    permission: operation['x-permission'] ?? null,
    authenticated,
    parameters: operation.parameters.map(({ name, in: place, required, description = '', schema }) => ({
      name,
      place: place === 'path' ? 'path' : 'query',
      required,
      description,
      words: typeInWords(schema, schemas),
    })),
    fields: body ? fieldsOf(body, schemas) : [],
    status,
    answer:
      reply === null
        ? null
        : replyType === 'text/plain'
          ? 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI… 0198c7a0-…'
          : pretty(exampleOf(reply, schemas)),
    headers: Object.keys(done?.headers ?? {}).filter((name) => !name.startsWith('RateLimit')),
    curl: curlOf({ base, path, method, authenticated, mediaType, example: body ? bodyOf(path, body, schemas) : null }),
  };
}

function fieldsOf(body: Schema, schemas: Schemas): Field[] {
  const required = body.required ?? [];
  return Object.entries(body.properties ?? {}).map(([name, schema]) => ({
    name,
    words: typeInWords(schema, schemas),
    required: required.includes(name),
    description: schema.description ?? '',
  }));
}

interface Request {
  base: string;
  path: string;
  method: string;
  authenticated: boolean;
  mediaType: string;
  example: unknown;
}

// For a shell: $TOKEN and the parameters of the path are variables, the body stands in single quotes.
function curlOf({ base, path, method, authenticated, mediaType, example }: Request): string {
  const address = base + path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
  const parts = ['curl'];
  if (method !== 'get' && !(method === 'post' && example !== null)) parts.push(`-X ${method.toUpperCase()}`);
  if (authenticated) parts.push('-H "Authorization: Bearer $TOKEN"');
  if (example !== null && mediaType === 'application/json') {
    parts.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`);
  } else if (example !== null) {
    parts.push('--data-urlencode "token=$OTHER_TOKEN"');
  }
  parts.push(address.includes('$') ? `"${address}"` : address);
  return parts.join(' ');
}

function pretty(example: unknown): string {
  return JSON.stringify(example, null, 2);
}
