import assert from 'node:assert/strict';
import supertest from 'supertest';
import { newId } from '#models/columns.js';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { MINUTE } from '#server/lib/clock.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, tokenFor } from '../support/programs.js';
import type { Program } from '../support/program.js';

type Json = Record<string, unknown>;

describe('The path of a call', () => {
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

  it('An id in a path that has not the shape of one finds nothing; nor does a name with odd characters', async () => {
    for (const id of [
      '0',
      'me',
      'null',
      '%27',
      '%00',
      '..%2f..',
      newId().toUpperCase(),
      `${newId()}%20`,
      '%F0%9F%98%80',
      '[object%20Object]',
    ]) {
      for (const path of [`/users/${id}`, `/roles/${id}`, `/credentials/${id}`, `/me/tokens/${id}`]) {
        assert.deepEqual([(await olivia.get(path)).status], [404], path);
      }
      const { status } = await olivia.get(`/ssh-keys/acme/${id}`);
      assert.equal(status, 404, id);
      assert.equal((await opal.get(`/tenants/${id}`)).status, 404, id);
    }
  });

  it('An id in capitals is the same id, to a program and to a browser', async () => {
    const id = portal.idOf('acme/uma');
    const [small, capital] = [await olivia.get(`/users/${id}`), await olivia.get(`/users/${id.toUpperCase()}`)];
    assert.deepEqual([capital.status, capital.body], [200, small.body]);
    assert.equal((await (await portal.signedIn('acme/olivia')).get(`/admin/users/${id.toUpperCase()}`)).status, 200);
  });

  it('No path answers a method that it does not have, to anybody, and says which it has', async () => {
    const methodsOf = new Map<string, string[]>();
    for (const { path, method } of apiRoutes) methodsOf.set(path, [...(methodsOf.get(path) ?? []), method]);
    assert.ok(methodsOf.size > 50);
    for (const [path, methods] of methodsOf) {
      const real = `/api/v1${path.replace(/:\w+/g, newId())}`;
      // Whoever hands on the method of what it guards takes a good answer for a yes.
      const decides = path === '/forward-auth';
      const allowed = [...methods, ...(methods.includes('get') ? ['head'] : []), ...(decides ? [] : ['options'])];
      for (const other of ['get', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'propfind'] as const) {
        if (methods.includes(other)) continue;
        // Who asks without a credential is counted.
        portal.clock.move(MINUTE);
        const about = `${other} ${path}`;
        const answer = await supertest(portal.app)[other](real).set('Host', 'localhost:3000');
        const { status, headers, text } = answer;
        assert.deepEqual(
          String(headers['allow']).split(', ').sort(),
          allowed.map((one) => one.toUpperCase()).sort(),
          about,
        );
        if (other === 'options' && !decides) assert.deepEqual([status, text], [204, ''], about);
        else assert.deepEqual([status, (answer.body as Json)['code']], [405, 'method_not_allowed'], about);
        assert.match(String(headers['ratelimit-remaining']), /^\d+$/, about);
      }
    }
  });

  it('nor do what is no path, and an id that none can have: there is nothing there, by whatever method', async () => {
    for (const path of ['/no/such/call', '/users/nonsense/lock', '/roles/me/preview', '/me/password'])
      for (const method of ['put', 'patch', 'options'] as const) {
        portal.clock.move(MINUTE);
        const { status } = await supertest(portal.app)[method](`/api/v1${path}`).set('Host', 'localhost:3000');
        assert.equal(status, 404, `${method} ${path}`);
      }
    for (const path of ['/api/openapi.json', '/api/docs']) {
      const { status, headers } = await supertest(portal.app).post(path).set('Host', 'localhost:3000');
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD, OPTIONS'], path);
    }
  });

  it('Whatever may be looked at, a page or a call, is asked for its head alone in the same way', async () => {
    const browser = await portal.signedIn('acme/olivia');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const looks = [
      ...apiRoutes.map(({ method, path }) => ({
        method,
        path: `/api/v1${path}`,
        is: { Authorization: `Bearer ${secret}` },
      })),
      ...routes.map(({ method, path }) => ({ method, path, is: { Cookie: cookie } })),
    ].filter(({ method, path }) => method === 'get' && !path.includes(':'));
    assert.ok(looks.length > 60);
    for (const { path, is } of looks) {
      const headers = { Host: 'localhost:3000', ...is };
      const head = await supertest(portal.app).head(path).set(headers);
      const got = await supertest(portal.app).get(path).set(headers);
      assert.deepEqual([head.status, head.headers['content-type']], [got.status, got.headers['content-type']], path);
      assert.ok(!head.text, path);
    }
  });

  it('One slash at the end of a path is passed over, but never where it would end or delete all there are', async () => {
    const browser = await portal.signedIn('acme/olivia');
    for (const path of ['/me/sessions/', '/me/tokens/', '/users/', '/credentials/', '/me/']) {
      const [bare, slashed] = [await olivia.get(path.slice(0, -1)), await olivia.get(path)];
      assert.equal(slashed.status, 200, path);
      assert.deepEqual(Object.keys(slashed.body), Object.keys(bare.body), path);
      assert.equal((await olivia.get(`${path}/`)).status, 404);
      assert.ok([404, 405].includes((await olivia.send('delete', path)).status), `delete ${path}`);
    }
    assert.equal((await olivia.get('/users/?limit=1')).status, 200);
    assert.equal((await olivia.patch('/me/', { name: 'Olivia Four' })).body['name'], 'Olivia Four');
    assert.equal((await browser.get('/security')).status, 200, 'still signed in');
  });

  it('A malformed address is refused as a problem, as all is that the API refuses', async () => {
    for (const path of ['/users/%ZZ', '/users?q=%C3%28', `/users?q=${'x'.repeat(2100)}`]) {
      const { status, headers } = await supertest(portal.app)
        .get(`/api/v1${path}`)
        .set({ Host: 'localhost:3000', Authorization: `Bearer ${secret}` });
      assert.ok([400, 414].includes(status), `${path.slice(0, 20)}: ${status}`);
      assert.match(String(headers['content-type']), /^application\/problem\+json/, path.slice(0, 20));
    }
    const { status, code } = await olivia.get('/no/such/call');
    assert.deepEqual([status, code], [404, 'not_found']);
  });
});
