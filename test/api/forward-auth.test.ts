import assert from 'node:assert/strict';
import supertest from 'supertest';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { generateFor, giveRoles, personWith, programOf, roleWith, withBasic } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';
import { userCalled } from '../support/users.js';

const PATH = '/api/v1/forward-auth';

describe('A proxy asks whether a request may pass', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const as = (browser: Browser, query = ''): Promise<Page> => browser.get(PATH + query, { 'Sec-Fetch-Site': null });
  const told = ({ headers }: { headers: Record<string, string> }): (string | undefined)[] =>
    ['user', 'organization', 'roles', 'permissions'].map((name) => headers[`x-gatehouse-${name}`]);

  it('of somebody signed in, by the cookie: yes, and who it is', async () => {
    const answer = await as(await portal.signedIn('acme/audrey'));
    assert.deepEqual([answer.status, answer.html], [200, '']);
    const [user, organization, roles, permissions = ''] = told(answer);
    assert.deepEqual([user, organization, roles], ['audrey', 'acme', 'Auditor']);
    assert.ok(permissions.split(',').includes('log:read') && !permissions.includes('users:write'));
    assert.equal(answer.headers['ratelimit-limit'], '3000');
  });

  it('of a program, by whatever credential', async () => {
    for (const program of [
      await programOf(portal, 'acme/uma'),
      withBasic(portal, 'acme/uma', await generateFor(portal, 'acme/uma', 'password')),
    ]) {
      const answer = await program.get('/forward-auth');
      assert.deepEqual([answer.status, ...told(answer)], [200, 'uma', 'acme', 'User', 'tokens:create']);
    }
  });

  it('and of a wrong credential no, whatever the cookie', async () => {
    const browser = await portal.signedIn('acme/uma');
    assert.equal((await browser.get(PATH, { Authorization: 'Bearer nonsense' })).status, 401);
    assert.equal((await browser.get(PATH, { 'X-API-Key': '' })).status, 401);
  });

  it('with the permission that is asked for, and of nobody without it', async () => {
    const [uma, adam] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/adam')];
    assert.equal((await as(adam, '?permission=users:write')).status, 200);
    for (const query of [
      '?permission=users:write',
      '?permission=no:such',
      '?permission=',
      '?permission=users:write%20',
      '?permission=__proto__',
    ]) {
      const answer = await as(uma, query);
      assert.equal(answer.status, 403, query);
      assert.deepEqual(told(answer), [undefined, undefined, undefined, undefined]);
    }
    assert.equal(
      (await as(uma, '?permission=tokens:create&permission=users:read')).status,
      422,
      'Not the first of two, nor the last.',
    );
    assert.equal((await as(uma, '?whatever=the&page=had')).status, 200, 'Some proxies hand the query of the page on.');
  });

  it('of a visitor no, without a window for a password in the browser', async () => {
    const answer = await as(portal.browser());
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="Gatehouse"');
    assert.deepEqual(told(answer), [undefined, undefined, undefined, undefined]);
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  it('for one organisation, or a role in it: nobody of another passes, and no guard that is misspelt', async () => {
    const [adam, gary, uma] = await Promise.all(
      ['acme/adam', 'globex/gary', 'acme/uma'].map((who) => portal.signedIn(who)),
    );
    const statuses = async (query: string) =>
      Promise.all([adam, gary, uma].map(async (one) => (one ? (await as(one, query)).status : 0)));
    assert.deepEqual(await statuses('?organization=acme'), [200, 403, 200]);
    assert.deepEqual(await statuses('?organization=acme&permission=users:read'), [200, 403, 403]);
    assert.deepEqual(await statuses('?organization=acme&role=Admin'), [200, 403, 403]);
    assert.deepEqual(await statuses('?organization=platform'), [403, 403, 403]);
    for (const wrong of [
      'organisation=acme',
      'Organization=acme',
      'org=acme',
      'permissions=users:read',
      'roles=Admin&organization=acme',
      'role=Admin',
      'tenant=acme',
      'organization[]=acme',
      'organization%20=acme',
      'organization-id=acme',
      'tenant_slug=acme',
      'orgs=acme',
      'organzation=acme',
      'orgnization=acme',
      'premission=users:read',
      'permisson=users:read',
      'perms=users:read',
      'ROLE=Admin&organization=acme',
      'roleName=Admin&organization=acme',
      'organization=acme&amp;role=Admin',
    ])
      assert.deepEqual(await statuses(`?${wrong}`), [400, 400, 400], wrong);
    for (const ofThePage of ['page=2&sort=name', 'q=roles', 'rd=https://x', 'mode=dark', 'id=7', 'per=50', 'origin=a'])
      assert.deepEqual(await statuses(`?${ofThePage}`), [200, 200, 200], ofThePage);
  });

  it('and is told ids to know them by, which no rename changes', async () => {
    const uma = await portal.signedIn('acme/uma');
    await User.update({ username: 'umbra', usernameKey: 'umbra' }, { where: { id: portal.idOf('acme/uma') } });
    const { headers } = await as(uma);
    const { id, tenantId } = await userCalled(portal, 'acme/umbra');
    assert.deepEqual([headers['x-gatehouse-user-id'], headers['x-gatehouse-organization-id']], [id, tenantId]);
  });

  it('no more once the session is over, by whatever cause', async () => {
    const [one, two] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    assert.equal((await as(one)).status, 200);
    const cookies = new Map(one.cookies);
    await one.submit('/security', '/logout');
    for (const [name, value] of cookies) one.cookies.set(name, value);
    assert.equal((await as(one)).status, 401);
    portal.clock.move(31 * MINUTE);
    assert.equal((await as(two)).status, 401);
    const three = await portal.signedIn('acme/uma');
    await (await userCalled(portal, 'acme/uma')).update({ status: 'disabled' });
    assert.equal((await as(three)).status, 401);
  });

  it('not while somebody must first choose a password, or set up the second factor', async () => {
    const uma = await portal.signedIn('acme/uma');
    await User.update({ mustChangePassword: true }, { where: { id: portal.idOf('acme/uma') } });
    assert.equal((await as(uma)).status, 401);
    await User.update({ mustChangePassword: false }, { where: { id: portal.idOf('acme/uma') } });
    assert.equal((await as(uma)).status, 200);
    await setPolicy(portal, 'acme', { twoFactor: 'required', graceDays: 0 });
    assert.equal((await as(uma)).status, 401);
  });

  it('which counts as being seen: who works behind the proxy is not idle', async () => {
    const uma = await portal.signedIn('acme/uma');
    for (let times = 0; times < 4; times += 1) {
      portal.clock.move(20 * MINUTE);
      assert.equal((await as(uma)).status, 200);
    }
  });

  it('Names that would break a header arrive encoded', async () => {
    const name = 'Kassa, "Büro" 100%\u{1F600}é;x=y';
    const role = await roleWith(portal, 'acme', [], { name });
    const plain = await roleWith(portal, 'acme', [], { name: 'Zoë' });
    const user = await personWith(portal, 'acme/jürgen', role);
    await giveRoles(user, [role, plain]);
    const answer = await (await programOf(portal, 'acme/jürgen', { role: name })).get('/forward-auth');
    assert.equal(answer.headers['x-gatehouse-user'], 'j%C3%BCrgen');
    const key = await withBasic(portal, 'acme/jürgen', await generateFor(portal, 'acme/jürgen', 'password')).get(
      '/forward-auth',
    );
    const roles = (key.headers['x-gatehouse-roles'] ?? '').split(',').map(decodeURIComponent).sort();
    assert.deepEqual(roles, [name, 'Zoë'].sort());
    assert.match(key.headers['x-gatehouse-roles'] ?? '', /^[\x20-\x7e]+$/);
    await role.update({ name: 'a\r\nSet-Cookie: x=y\u2028' });
    assert.match(
      (
        await withBasic(portal, 'acme/jürgen', await generateFor(portal, 'acme/jürgen', 'password')).get(
          '/forward-auth',
        )
      ).headers['x-gatehouse-roles'] ?? '',
      /^[\x20-\x7e]+$/,
    );
  });

  it('only to look: nothing else than GET is taken, and no other call reads the cookie', async () => {
    const uma = await portal.signedIn('acme/uma');
    const Cookie = [...uma.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const method of ['post', 'put', 'delete', 'patch', 'options', 'propfind', 'search'] as const) {
      const { status } = await supertest(portal.app)[method](PATH).set({ Host: 'localhost:3000', Cookie });
      assert.equal(status, 405, method);
    }
    // A proxy may hand on the method of what it guards.
    for (const method of ['get', 'head'] as const)
      assert.equal((await supertest(portal.app)[method](PATH).set('Host', 'localhost:3000')).status, 401, method);
    assert.equal((await uma.get('/api/v1/me')).status, 401);
  });
});
