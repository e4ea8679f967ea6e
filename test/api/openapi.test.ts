import assert from 'node:assert/strict';
import supertest from 'supertest';
import { newId } from '#models/columns.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { apiRoutes } from '#server/features/api.js';
import { MINUTE } from '#server/lib/clock.js';
import { faultsOf } from '../support/json-schema.js';
import { startPortal, type Portal } from '../support/portal.js';
import { Program } from '../support/program.js';
import { wordOf } from '../support/routes.js';

type Json = Record<string, unknown>;

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security?: unknown[];
  'x-permission'?: string;
  parameters: { name: string; in: string; required: boolean; schema: Json }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
}

interface Document {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  security: Record<string, unknown[]>[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<'schemas' | 'responses' | 'headers' | 'securitySchemes', Record<string, Json>>;
}

describe('The description of the API', () => {
  let portal: Portal;
  let document: Document;
  let operations: { method: string; path: string; operation: Operation }[];
  before(async () => {
    portal = await startPortal();
    const answer = await supertest(portal.app).get('/api/openapi.json').set('Host', 'localhost:3000');
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    assert.match(String(answer.headers['ratelimit-limit']), /^60$/);
    document = answer.body as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    );
  });
  after(() => portal.close());

  it('is OpenAPI 3.1, and says where the API is', () => {
    assert.match(document.openapi, /^3\.1\.\d+$/);
    assert.deepEqual(document.servers, [{ url: `${portal.config.baseUrl}/api/v1` }]);
    assert.match(document.info.version, /^\d+\.\d+\.\d+/);
  });

  it('has every call that there is, and no other', () => {
    const described = operations.map(({ method, path }) => `${method} ${path}`).sort();
    const there = apiRoutes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`).sort();
    assert.deepEqual(described, there);
    assert.equal(new Set(there).size, there.length, 'No call is there twice.');
  });

  it('has the calls of the contract', () => {
    const expected = [
      ...[
        'get /me',
        'patch /me',
        'get /me/sessions',
        'get /me/sessions/{id}',
        'delete /me/sessions/{id}',
        'get /me/tokens',
        'get /me/tokens/{id}',
        'delete /me/tokens/{id}',
      ],
      ...[
        'get /me/ssh-keys',
        'post /me/ssh-keys',
        'get /me/ssh-keys/{id}',
        'delete /me/ssh-keys/{id}',
        'get /me/activity',
        'get /me/passkeys',
        'delete /me/passkeys',
        'get /me/passkeys/{id}',
        'delete /me/passkeys/{id}',
      ],
      ...[
        'get /users',
        'post /users',
        'get /users/{id}',
        'patch /users/{id}',
        'delete /users/{id}',
        'delete /users/{id}/lock',
        'get /users/{id}/sessions',
        'delete /users/{id}/sessions',
      ],
      ...[
        'get /users/{id}/two-factor',
        'post /users/{id}/two-factor',
        'delete /users/{id}/two-factor',
        'get /users/{id}/factors',
        'get /users/{id}/passkeys',
        'delete /users/{id}/passkeys',
        'get /users/{id}/credentials',
        'delete /users/{id}/credentials',
      ],
      ...[
        'get /roles',
        'post /roles',
        'get /roles/{id}',
        'patch /roles/{id}',
        'delete /roles/{id}',
        'get /security-policy',
        'put /security-policy',
        'post /security-policy/preview',
      ],
      ...[
        'get /security-log',
        'get /credentials',
        'get /credentials/{id}',
        'delete /credentials/{id}',
        'post /credentials/leaked',
        'get /tenants',
        'post /tenants',
        'get /tenants/{id}',
        'patch /tenants/{id}',
        'delete /tenants/{id}',
      ],
      ...['post /introspect', 'get /forward-auth', 'get /ssh-keys/{organization}/{username}'],
    ];
    const described = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    assert.deepEqual(
      expected.filter((one) => !described.has(one)),
      [],
    );
  });

  it('tells of every call what it is for, who may, and each parameter of its path', () => {
    const permissions: ReadonlySet<string> = new Set(PERMISSIONS.map(({ name }) => name));
    for (const { method, path, operation } of operations) {
      const route = apiRoutes.find((one) => one.method === method && one.path.replace(/:(\w+)/g, '{$1}') === path);
      assert.ok(route);
      assert.ok(operation.summary !== '' && operation.description !== '', path);
      assert.ok(
        document.tags.some(({ name }) => operation.tags[0] === name),
        path,
      );
      assert.deepEqual(operation.security, route.access.who === 'anyone' ? [] : undefined, path);
      assert.equal(operation['x-permission'], permissions.has(wordOf(route)) ? wordOf(route) : undefined, path);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(
        operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name),
        named,
      );
      for (const parameter of operation.parameters) {
        assert.ok(['path', 'query'].includes(parameter.in));
        assert.equal(parameter.required, parameter.in === 'path', `${path} ${parameter.name}`);
        assert.ok(Object.keys(parameter.schema).length > 0, `${path} ${parameter.name}`);
      }
    }
    const ids = operations.map(({ operation }) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[a-z][A-Za-z]+$/);
  });

  it('tells of every call how it may be refused', () => {
    for (const { path, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      const well = statuses.filter((status) => status.startsWith('2') && status !== '202');
      assert.equal(well.length, statuses.includes('202') ? well.length : 1, path);
      assert.ok(
        ['400', '422', '429', '503'].every((status) => statuses.includes(status)),
        path,
      );
      if (!operation.security)
        assert.ok(
          ['401', '403'].every((status) => statuses.includes(status)),
          path,
        );
      if (path.includes('{id}')) assert.ok(statuses.includes('404'), path);
      if (operation.requestBody)
        assert.ok(
          ['413', '415'].every((status) => statuses.includes(status)),
          path,
        );
    }
  });

  it('tells where whatever a call makes is found, if that has an address', () => {
    for (const { path, operation } of operations) {
      const { 201: made } = operation.responses as Record<string, { headers?: Json } | undefined>;
      if (made && document.paths[`${path}/{id}`]?.['get']) assert.ok(made.headers?.['Location'], path);
    }
  });

  it('tells of every call how a body is refused that cannot be read, also of those that take none', async () => {
    const program = new Program(portal);
    const bodies: [number, string, Record<string, string>][] = [
      [415, '{}', { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }],
      [413, 'x'.repeat(1_000_000), { 'Content-Type': 'application/json' }],
    ];
    // Those that take a file look first who sends it.
    for (const { method, path, large } of apiRoutes)
      for (const [status, body, headers] of method === 'get' || large ? [] : bodies) {
        portal.clock.move(MINUTE);
        const answer = await program.send(method, path.replace(/:\w+/g, newId()), body, headers);
        assert.equal(answer.status, status, `${method} ${path}`);
      }
  });

  it('takes a body with no other fields than it names, but for introspection, where a standard passes them over', () => {
    for (const { path, operation } of operations) {
      if (path === '/introspect') continue;
      for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
        assert.equal(schema['type'], 'object', path);
        assert.equal(schema['additionalProperties'], path === '/introspect' ? undefined : false, path);
      }
    }
  });

  it('refers to nothing that is not there, and uses no schema that nobody checks', () => {
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const { $ref } = node as { $ref?: unknown };
      if (typeof $ref === 'string') {
        const [, , kind = '', name = ''] = $ref.split('/');
        assert.ok(document.components[kind as 'schemas'][name], $ref);
      }
      for (const one of Object.values(node)) walk(one);
    };
    walk(document);
    for (const schema of Object.values(document.components.schemas)) faultsOf({}, schema, document.components.schemas);
    assert.deepEqual(
      Object.keys(document.components.securitySchemes),
      document.security.flatMap((one) => Object.keys(one)),
    );
  });

  it('leads to our own page that shows it, and to no place elsewhere', () => {
    const links = JSON.stringify(document).match(/https?:\/\/[^"\s]+/g) ?? [];
    assert.deepEqual([...new Set(links.map((link) => new URL(link).origin))], [portal.config.baseUrl]);
  });
});
