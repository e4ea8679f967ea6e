import assert from 'node:assert/strict';
import { openApiDocument } from '#server/api/openapi.js';
import { apiRoutes } from '#server/features/api.js';
import { faultsOf } from './json-schema.js';
import { ask } from './ask.js';
import type { Portal } from './portal.js';

type Json = Record<string, unknown>;
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Documented {
  paths: Record<string, Record<string, { responses: Record<string, Json> }>>;
  components: { schemas: Record<string, Json>; responses: Record<string, Json> };
}

const DOCUMENT = openApiDocument(apiRoutes, 'http://localhost', '1') as unknown as Documented;

/** An answer of the API. */
export interface Reply {
  status: number;
  /** Why not, in one word of the contract; '' when it was done. */
  code: string;
  body: Json;
  text: string;
  headers: Record<string, string>;
}

/** A program that calls the API with these headers. Each answer must be one that the documentation promises. */
export class Program {
  readonly #portal: Portal;
  readonly headers: Record<string, string>;

  constructor(portal: Portal, headers: Record<string, string> = {}) {
    this.#portal = portal;
    this.headers = headers;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send('get', path, undefined, headers);
  }
  post(path: string, body?: unknown): Promise<Reply> {
    return this.send('post', path, body);
  }
  put(path: string, body?: unknown): Promise<Reply> {
    return this.send('put', path, body);
  }
  patch(path: string, body?: unknown): Promise<Reply> {
    return this.send('patch', path, body);
  }
  delete(path: string, body?: unknown): Promise<Reply> {
    return this.send('delete', path, body);
  }

  /** Sends an object as JSON, a text as it stands: as a form, unless `headers` say otherwise. */
  async send(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const host = new URL(this.#portal.config.baseUrl).host;
    const type =
      body === undefined
        ? {}
        : { 'Content-Type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json' };
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const {
      status,
      text,
      headers: answered,
    } = await ask(this.#portal.app, {
      method: method.toUpperCase(),
      path: `/api/v1${path}`,
      headers: { Host: host, ...type, ...this.headers, ...headers },
      ...(sent !== undefined && { body: sent }),
    });
    // One object, and not lines of them.
    const json = /json\b/.test(String(answered['content-type'])) ? (JSON.parse(text) as Json) : {};
    const reply = {
      status,
      text,
      body: json,
      code: typeof json['code'] === 'string' ? json['code'] : '',
      headers: answered,
    };
    isDocumented(method, path, reply);
    return reply;
  }

  /** The rows of a list, page by page to its end. */
  async all(path: string): Promise<Json[]> {
    const rows: Json[] = [];
    let next: unknown = null;
    do {
      const cursor: string =
        typeof next === 'string' ? `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(next)}` : '';
      const { status, body, text } = await this.get(path + cursor);
      assert.equal(status, 200, text);
      rows.push(...(body['data'] as Json[]));
      next = body['next'];
    } while (next !== null);
    return rows;
  }
}

/** Fails unless the document promises this answer: its status, its type, every field and no other; and how many requests are left. */
export function isDocumented(method: string, path: string, { status, body, headers, text }: Reply): void {
  const about = `${method.toUpperCase()} ${path} (${status}) ${text.slice(0, 300)}`;
  for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'])
    assert.match(headers[name] ?? '', /^\d+$/, `${about}: ${name}`);
  const { 'ratelimit-limit': most, 'ratelimit-remaining': left, 'ratelimit-reset': seconds } = headers;
  assert.match(headers['ratelimit-policy'] ?? '', new RegExp(`^"(credential|address|session)";q=${most};w=60$`), about);
  assert.match(
    headers['ratelimit'] ?? '',
    new RegExp(`^"(credential|address|session)";r=${left};t=${seconds}$`),
    about,
  );
  assert.equal(headers['cache-control'], 'no-store', about);
  assert.equal(headers['set-cookie'], undefined, about);
  const bare = path.replace(/\?.*$/, '');
  const responses = responsesOf(method, method === 'delete' ? bare : bare.replace(/(?<=[^/])\/$/, ''));
  let response = responses?.[String(status)] ?? (responses ? undefined : { $ref: '#/components/responses/Refused404' });
  assert.ok(response, `${about} is not documented`);
  if (typeof response['$ref'] === 'string')
    response = DOCUMENT.components.responses[response['$ref'].replace('#/components/responses/', '')] ?? {};
  const content = (response['content'] ?? {}) as Record<string, { schema: Json }>;
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(content);
  assert.equal((headers['content-type'] ?? '').replace(/;.*$/, ''), type, about);
  if (type === '') assert.equal(text, '', about);
  if (/json\b/.test(type)) assert.deepEqual(faultsOf(body, schema, DOCUMENT.components.schemas), [], about);
}

/** The answers that are documented for this call; undefined where there is no such call. */
function responsesOf(method: string, path: string): Record<string, Json> | undefined {
  const fits = (template: string): boolean => {
    const [parts, given] = [template.split('/'), path.split('/')];
    return parts.length === given.length && parts.every((part, index) => part.startsWith('{') || part === given[index]);
  };
  // A call by its name goes before one with a parameter in that place.
  const found = Object.keys(DOCUMENT.paths).filter((template) => fits(template) && DOCUMENT.paths[template]?.[method]);
  const [best] = found.sort((one, other) => one.split('{').length - other.split('{').length);
  return best === undefined ? undefined : DOCUMENT.paths[best]?.[method]?.responses;
}
