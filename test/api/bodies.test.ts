import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import type { z } from 'zod';
import { newId } from '#models/columns.js';
import type { ApiAccess } from '#server/api/route.js';
import { apiRoutes } from '#server/features/api.js';
import { MINUTE } from '#server/lib/clock.js';
import { contentsOf } from '../support/database.js';
import { tellsNothing } from '../support/headers.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, tokenFor } from '../support/programs.js';
import { isDocumented, type Program, type Reply } from '../support/program.js';
import { wordOf } from '../support/routes.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('What a program sends is read strictly, or refused in plain words', () => {
  let portal: Portal;
  let secret: string;
  let olivia: Program;
  let opal: Program;
  before(async () => {
    portal = await startPortal();
    secret = (await tokenFor(portal, 'acme/olivia')).secret;
    olivia = bearer(portal, secret);
    opal = bearer(portal, (await tokenFor(portal, 'platform/opal')).secret);
  });
  after(() => portal.close());
  beforeEach(() => portal.clock.move(MINUTE));

  const withBody = apiRoutes.filter(({ body, access }) => body !== null && access.who !== 'anyone');
  const pathOf = (path: string): string => path.replace(':id', newId());
  const who = (access: ApiAccess): Program => (wordOf({ access }).startsWith('tenants:') ? opal : olivia);

  /** Sends bytes as they stand. */
  async function send(path: string, body: Buffer | string, headers: Record<string, string> = {}): Promise<Reply> {
    const request = supertest(portal.app)
      .patch(`/api/v1${path}`)
      .set({ Host: 'localhost:3000', Authorization: `Bearer ${secret}`, ...JSON_TYPE, ...headers });
    const { status, text, headers: answered } = await request.serialize((given: unknown) => given as string).send(body);
    const read = JSON.parse(text) as Record<string, unknown>;
    const reply = {
      status,
      text,
      body: read,
      code: typeof read['code'] === 'string' ? read['code'] : '',
      headers: answered as Record<string, string>,
    };
    isDocumented('patch', path, reply);
    return reply;
  }

  it('A body of another type is a 415, on every call that takes one', async () => {
    for (const { method, path, access, bodyType } of withBody) {
      for (const type of [
        'text/plain',
        'multipart/form-data; boundary=x',
        bodyType === 'json' ? 'application/x-www-form-urlencoded' : 'application/json',
        'application/jsonp',
      ]) {
        const { status, code } = await who(access).send(method, pathOf(path), 'a=b', { 'Content-Type': type });
        assert.deepEqual([status, code], [415, 'unsupported_media_type'], `${method} ${path} ${type}`);
      }
    }
  });

  it('What is not JSON is a 400, as a problem', async () => {
    for (const text of ['{', '{"name":}', "{'name':'x'}", '{"name":"x"', 'name=x', '{"name":"\u0001"}']) {
      const { status, code, headers } = await send('/me', text);
      assert.deepEqual([status, code], [400, 'malformed_json'], text);
      assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
    }
  });

  it('What is not UTF-8, or compressed, is refused', async () => {
    assert.equal(
      (await send('/me', Buffer.concat([Buffer.from('{"name":"a'), Buffer.from([0xff]), Buffer.from('"}')]))).status,
      400,
    );
    const { status, code } = await send('/me', gzipSync('{"name":"x"}'), { 'Content-Encoding': 'gzip' });
    assert.deepEqual([status, code], [415, 'unsupported_media_type']);
  });

  it('A byte order mark in front is passed over, and a change may be called a merge patch, but nothing else', async () => {
    for (const [text, type] of [
      ['\ufeff{"name":"Olivia One"}', 'application/json'],
      ['{"name":"Olivia Two"}', 'application/merge-patch+json'],
      ['\ufeff{"name":"Olivia Three"}', 'application/merge-patch+json; charset=utf-8'],
    ] as const) {
      const { status, body } = await send('/me', text, { 'Content-Type': type });
      assert.deepEqual(
        [status, body['name']],
        [200, (JSON.parse(text.replace('\ufeff', '')) as { name: string }).name],
      );
    }
    assert.equal((await send('/me', '\ufeff\ufeff{}')).status, 400);
    assert.equal((await send('/me', '[]', { 'Content-Type': 'application/json-patch+json' })).status, 415);
    for (const { method, path, access, bodyType } of withBody.filter(({ method }) => method !== 'patch')) {
      const { status } = await who(access).send(method, pathOf(path), '{}', {
        'Content-Type': 'application/merge-patch+json',
      });
      assert.equal(status, 415, `${method} ${path} ${bodyType}`);
    }
  });

  it('More than 64 kB is a 413', async () => {
    const { status, code } = await send('/me', JSON.stringify({ name: 'x'.repeat(66_000) }));
    assert.deepEqual([status, code], [413, 'too_large']);
    assert.equal((await send('/me', JSON.stringify({ name: 'x'.repeat(60_000) }))).status, 422);
  });

  it('Arrays, texts and numbers in place of an object are refused', async () => {
    for (const text of ['[]', '[{"name":"x"}]', '"name"', '7', 'null', 'true']) {
      const { status, body } = await send('/me', text);
      assert.equal(status, 422, text);
      assert.deepEqual(
        (body['errors'] as { field: string }[]).map(({ field }) => field),
        [''],
        text,
      );
    }
  });

  it('A field that there is not is named, and nothing is done', async () => {
    const before = await contentsOf(portal.database);
    for (const extra of [
      { admin: true },
      { roleIds: [] },
      { email: 'new@acme.example' },
      { password: 'x' },
      { twoFactor: 'disabled' },
      { id: newId() },
      { tenantId: newId() },
      { constructor: 1 },
    ]) {
      const { status, body } = await olivia.patch('/me', { name: 'Somebody Else', ...extra });
      assert.equal(status, 422);
      assert.deepEqual(body['errors'], [
        { field: Object.keys(extra)[0], message: 'There is no such field here. Leave it out.' },
      ]);
    }
    for (const text of [
      '{"name":"x","__proto__":{"admin":true}}',
      '{"__proto__":{"name":"x"}}',
      '{"name":"x","constructor":{"prototype":{"admin":true}}}',
    ]) {
      assert.equal((await send('/me', text)).status, 422, text);
    }
    assert.equal(({} as Record<string, unknown>)['admin'], undefined);
    assert.deepEqual(await withoutUse(contentsOf(portal.database)), await withoutUse(before));
  });

  it('A value of another kind is refused with the name of its field', async () => {
    for (const value of [
      ['x'],
      { a: 1 },
      7,
      true,
      null,
      '',
      '   ',
      'x'.repeat(101),
      'a\0b',
      'a\nb',
      'a\u202eb',
      '\ud800',
    ]) {
      const { status, body } = await olivia.patch('/me', { name: value });
      assert.equal(status, 422, JSON.stringify(value));
      const [error] = body['errors'] as { field: string; message: string }[];
      assert.equal(error?.field, 'name');
      assert.match(error.message, /\.$/);
    }
  });

  it('A text that nobody can see is none, on every call, in every field that has to say something', async () => {
    const blank = '\u200b\u3164\u2800\u00ad\u2060\u034f\u00a0\u{e0020}';
    let seen = 0;
    for (const { method, path, access, body, bodyType } of withBody) {
      if (bodyType !== 'json') continue;
      const { shape = {} } = body as { shape?: Record<string, z.ZodType> };
      const texts = Object.keys(shape).filter(
        (name) => shape[name]?.safeParse('Some text').success && !shape[name].safeParse('').success,
      );
      for (const name of texts) {
        const reply = await who(access).send(method, pathOf(path), { [name]: blank });
        const errors = reply.body['errors'] as { field: string }[] | undefined;
        assert.ok(
          errors?.some(({ field }) => field === name),
          `${method} ${path} ${name}: ${reply.status}`,
        );
        seen += 1;
      }
    }
    assert.ok(seen > 8, `${seen} fields`);
  });

  it('An unknown or repeated parameter of the query is refused too, so that a typing error never looks like an answer', async () => {
    for (const path of [
      '/users?staus=disabled',
      '/users?limit=1&limit=2',
      '/users?status=gone',
      '/users?status=active&status=disabled',
      '/me?verbose=1',
      '/users?q=a%00b',
      '/users?q=%FF',
      '/users?roleId=x',
      '/users?roleId=%00',
    ]) {
      const { status } = await olivia.get(path);
      assert.ok(status === 422 || status === 400, `${path}: ${status}`);
    }
    const { body } = await olivia.get('/users?staus=disabled');
    assert.deepEqual(body['errors'], [{ field: 'staus', message: 'There is no such field here. Leave it out.' }]);
    // A proxy hands the query of the page that it guards on with its question: that one says what it refuses itself.
    for (const { method, path, query } of apiRoutes.filter(({ path: one }) => one !== '/forward-auth')) {
      const { error } = query.safeParse({ staus: 'disabled' });
      assert.ok(
        error?.issues.some(({ code }) => code === 'unrecognized_keys'),
        `${method} ${path}`,
      );
    }
  });

  it('A call that takes no body is refused with one, and nothing is done: it may have been meant for less', async () => {
    const bare = apiRoutes.filter(({ method, body, access }) => method !== 'get' && !body && access.who !== 'anyone');
    assert.ok(bare.length > 20, `${bare.length} calls`);
    // A call is itself a use of its credential, which is noted.
    const rowsOf = async () =>
      Object.entries(await contentsOf(portal.database)).map(([table, rows]) => [table, rows.length]);
    for (const { method, path, access } of bare) {
      portal.clock.move(MINUTE);
      await who(access).get('/me');
      const before = await rowsOf();
      const sent = { ids: [newId()], dryRun: true };
      const { status, body } = await who(access).send(method, pathOf(path), sent);
      assert.deepEqual([status, body['detail']], [422, 'This call takes no body. Leave it out.'], `${method} ${path}`);
      assert.deepEqual(await rowsOf(), before, `${method} ${path}`);
    }
    // Some programs cannot send nothing.
    for (const nothing of ['{}', 'null', ''])
      assert.equal((await olivia.send('delete', '/me/sessions', nothing, JSON_TYPE)).status, 204, nothing);
  });

  it('Nonsense in any field of any call is refused, and tells nothing of our insides', async () => {
    const nonsense = [
      null,
      7,
      -1,
      1e300,
      true,
      '',
      'a\0b',
      'x'.repeat(20_000),
      ['x'],
      [['x']],
      { a: { b: 1 } },
      [null],
      "'; DROP TABLE users; --",
      '\ud800',
    ];
    for (const { method, path, access, body, bodyType } of withBody) {
      portal.clock.move(MINUTE);
      const schema = body as { shape?: object } | null;
      const fields = Object.keys(schema?.shape ?? {});
      for (const value of bodyType === 'json' ? nonsense : []) {
        const reply = await who(access).send(
          method,
          pathOf(path),
          Object.fromEntries(fields.map((field) => [field, value])),
        );
        assert.ok(
          [200, 404, 409, 413, 422].includes(reply.status),
          `${method} ${path} ${JSON.stringify(value).slice(0, 50)}: ${reply.status}`,
        );
        tellsNothing({ ...reply, html: reply.text, path } as never);
      }
    }
  });
});

/** The contents of a database but for when a credential was used. */
async function withoutUse(
  contents: Promise<Record<string, string[]>> | Record<string, string[]>,
): Promise<Record<string, string[]>> {
  const { api_credentials, api_credential_secrets, api_credential_addresses, ...rest } = await contents;
  assert.ok(api_credentials && api_credential_secrets && api_credential_addresses);
  return rest;
}
