import { apiAt } from '#server/lib/own-address.js';
import * as z from 'zod';
import { STATUSES } from '#server/input/statuses.js';
import { jsonSchemaOf, type Components, type Json } from './json-schema.js';
import { typesOf } from '#server/input/body.js';
import type { ApiRoute } from './route.js';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().describe('What is wrong, and what to do.'),
    code: z.string().describe('The same for programs, such as `token_expired`.'),
    error: z.string().optional().describe('At `/introspect`, what RFC 6749 (5.2) calls it: `invalid_request`.'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .describe('With 422, and 400 of a form: what is wrong, field by field.'),
  })
  .meta({ id: 'Problem' });

const LIMITS = {
  'RateLimit-Policy': 'What is counted, how many requests (`q`) in how many seconds (`w`): `"credential";q=600;w=60`.',
  RateLimit:
    'How many of them are left (`r`), and in how many seconds they are as many again (`t`): `"credential";r=599;t=60`.',
  'RateLimit-Limit': 'How many requests a minute.',
  'RateLimit-Remaining': 'How many of them are left.',
  'RateLimit-Reset': 'In how many seconds the minute ends.',
};

const REFUSALS = Object.entries(STATUSES)
  .filter(([, { meaning }]) => meaning !== undefined)
  .map(([code]) => Number(code))
  .filter((code) => code >= 400);

/** The OpenAPI 3.1 document of these calls, made from the very schemas that check them. */
export function openApiDocument(routes: readonly ApiRoute[], baseUrl: string, version: string): Json {
  const components: Components = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = operation(route, components);
  }
  jsonSchemaOf(z.array(problem), 'output', components);
  const anyCredential = [{ bearer: [] }, { apiKey: [] }, { basic: [] }];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      description:
        'What the pages of the portal do, for programs. Answers are JSON in camelCase, times ISO 8601 in UTC, ids UUIDs, errors `application/problem+json`.',
    },
    servers: [{ url: apiAt(baseUrl) }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API token or the API key.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API token or the API key.' },
        basic: { type: 'http', scheme: 'basic', description: 'Username `organization/username`; the API password.' },
      },
      headers: Object.fromEntries(
        Object.entries(LIMITS).map(([name, words]) => [
          name,
          header(words, /-(L|Re)/.test(name) ? 'integer' : 'string'),
        ]),
      ),
      responses: Object.fromEntries(REFUSALS.map((code) => [`Refused${code}`, refusal(code)])),
      schemas: Object.fromEntries(Object.entries(components).sort(([one], [other]) => (one < other ? -1 : 1))),
    },
    security: anyCredential,
  };
}

function operation(route: ApiRoute, components: Components): Json {
  const { method, path, tag, summary, description, access, query, body, bodyType } = route;
  const schema = body && jsonSchemaOf(body, 'input', components);
  const content = Object.fromEntries(typesOf(bodyType, method).map((type) => [type, { schema }]));
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    description: [description, accessInWords(access)].filter(Boolean).join(' '),
    ...(access.who === 'anyone' ? { security: [] } : {}),
    ...(access.who === 'permitted' ? { 'x-permission': access.permission } : {}),
    parameters: [...pathParameters(path), ...queryParameters(query, components)],
    ...(body ? { requestBody: { required: true, content } } : {}),
    responses: responses(route, components),
  };
}

function accessInWords(access: ApiRoute['access']): string {
  if (access.who === 'anyone') return 'Needs no credential.';
  if (access.who === 'credential') return 'Any credential will do.';
  if (access.who === 'wholeCredential')
    return 'Any credential will do, but for a token that is limited to some permissions.';
  if (access.who === 'credentialOrSession') return 'Any credential will do, or the cookie of a signed-in browser.';
  return `Needs the permission \`${access.permission}\`.`;
}

function responses(route: ApiRoute, components: Components): Json {
  const { method, status, reply, waiting, replyType, replyHeaders, access, path, refusals } = route;
  const refused = new Set<number>([
    ...(access.who === 'anyone' ? [] : [401, 403]),
    ...(path.includes(':') ? [404] : []),
    // Also of what takes no body: one that is sent is read before it is passed over, or refused.
    ...(method === 'get' ? [] : [413, 415]),
    ...refusals,
    400,
    422,
    429,
    503,
  ]);
  const own = Object.fromEntries(Object.entries(replyHeaders).map(([name, words]) => [name, header(words, 'string')]));
  const content = reply ? { content: { [replyType]: { schema: jsonSchemaOf(reply, 'output', components) } } } : {};
  return {
    [status]: { description: STATUSES[status]?.meaning, headers: { ...own, ...limitHeaders() }, ...content },
    ...(waiting
      ? {
          202: {
            description: STATUSES[202]?.meaning,
            headers: limitHeaders(),
            content: { 'application/json': { schema: jsonSchemaOf(waiting, 'output', components) } },
          },
        }
      : {}),
    ...Object.fromEntries([...refused].sort().map((code) => [code, { $ref: `#/components/responses/Refused${code}` }])),
  };
}

function refusal(code: number): Json {
  const problem = { schema: { $ref: '#/components/schemas/Problem' } };
  return {
    description: STATUSES[code]?.meaning,
    headers: limitHeaders(),
    content: { 'application/problem+json': problem },
  };
}

function limitHeaders(): Json {
  return Object.fromEntries(Object.keys(LIMITS).map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function header(description: string, type: 'string' | 'integer'): Json {
  return { description, schema: { type } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'id' ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject, components: Components): Json[] {
  const { properties = {}, required = [] } = jsonSchemaOf(query, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function operationId(method: string, path: string): string {
  const words = path
    .split(/[/.]/)
    .filter(Boolean)
    .map((part) => (part.startsWith(':') ? `by-${part.slice(1)}` : part));
  return [method, ...words].join('-').replace(/-([a-z])/gi, (_, letter: string) => letter.toUpperCase());
}
