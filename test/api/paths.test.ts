import assert from 'node:assert/strict';
import supertest from 'supertest';
import { newId } from '#models/columns.js';
import { apiRoutes } from '#server/features/api.js';
import { MINUTE } from '#server/lib/clock.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, tokenFor } from '../support/programs.js';
import type { Program } from '../support/program.js';

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

  it('No path answers a method that it does not have, to anybody: not OPTIONS either', async () => {
    for (const { path, method } of apiRoutes) {
      const real = `/api/v1${path.replace(/:\w+/g, newId())}`;
      for (const other of ['options', 'trace'] as const) {
        // Who asks without a credential is counted.
        portal.clock.move(MINUTE);
        const { status } = await supertest(portal.app)[other](real).set('Host', 'localhost:3000');
        assert.equal(status, 404, `${other} ${path}, which has ${method}`);
      }
    }
  });

  it('One slash at the end of a path is passed over, but never where it would end or delete all there are', async () => {
    const browser = await portal.signedIn('acme/olivia');
    for (const path of ['/me/sessions/', '/me/tokens/', '/users/', '/credentials/', '/me/']) {
      const [bare, slashed] = [await olivia.get(path.slice(0, -1)), await olivia.get(path)];
      assert.equal(slashed.status, 200, path);
      assert.deepEqual(Object.keys(slashed.body), Object.keys(bare.body), path);
      assert.equal((await olivia.get(`${path}/`)).status, 404);
      assert.equal((await olivia.send('delete', path)).status, 404, `delete ${path}`);
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
