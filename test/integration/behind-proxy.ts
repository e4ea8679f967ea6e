import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Visitor } from '../support/visitor.js';
import { makeToken, servePortal, type ServedPortal } from './portal.js';
import type { Running } from './programs.js';

/** What a proxy is told of the places of a test. */
export interface Places {
  portal: number;
  application: number;
  proxy: number;
}

/** An application that tells what it was sent, and knows nothing of who anybody is. */
async function startApplication(): Promise<{ server: Server; port: number; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response
      .setHeader('Content-Type', 'application/json')
      .end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, seen };
}

interface Echo {
  url: string;
  method: string;
  headers: Record<string, string | undefined>;
}

/** What forward-auth promises behind a proxy that is set up as the documentation says. */
export function promisesBehind(start: (places: Places) => Promise<Running>): void {
  let portal: ServedPortal;
  let application: Awaited<ReturnType<typeof startApplication>>;
  /** What has been started, and ends with the tests, however they do. */
  const ends: (() => Promise<unknown>)[] = [];
  let adam: Visitor;
  before(async () => {
    portal = await servePortal();
    ends.push(() => portal.close());
    application = await startApplication();
    ends.push(() => Promise.resolve(application.server.close()).then((server) => server.closeAllConnections()));
    const proxy = await start({ portal: portal.port, application: application.port, proxy: portal.proxyPort });
    ends.push(() => proxy.stop());
    adam = await portal.signIn('adam', portal.address);
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  beforeEach(() => application.seen.splice(0));

  const ask = (path: string, headers: Record<string, string> = {}, options: RequestInit = {}): Promise<Response> =>
    fetch(portal.address + path, { redirect: 'manual', signal: AbortSignal.timeout(60_000), ...options, headers });
  const echo = async (answer: Response): Promise<Echo> => {
    assert.equal(answer.status, 200);
    return (await answer.json()) as Echo;
  };
  const bearer = (secret: string): Record<string, string> => ({ Authorization: `Bearer ${secret}` });

  it('serves the portal itself, whose pages work', async () => {
    const { status, text } = await adam.get('/security');
    assert.equal(status, 200);
    // The address of the visitor, and not the proxy's own.
    assert.match(text, /127\.0\.0\.1/);
  });

  it('hands the portal what its forms may bring, and leaves it to the portal to say what is too large', async () => {
    const body = new FormData();
    body.set('file', new Blob(['x'.repeat(4_900_000)]), 'people.csv');
    const answer = await ask('/admin/users/import/preview', { Cookie: adam.cookieHeader() }, { method: 'POST', body });
    assert.ok(answer.headers.has('x-request-id'), `It was the proxy that said ${answer.status}.`);
  });

  it('sends a browser in which nobody is signed in to the sign-in page, from where it comes back', async () => {
    const answer = await ask('/app/reports/2027');
    assert.equal(answer.status, 303);
    assert.equal(
      new URL(answer.headers.get('location') ?? '', portal.address).href,
      `${portal.address}/login?next=/app/reports/2027`,
    );
    assert.equal(application.seen.length, 0);
    const { text } = await adam.get('/app/reports/2027');
    assert.match(text, /"url":"\/app\/reports\/2027"/);
  });

  it('passes a signed-in browser on, and tells the application who it is', async () => {
    const { headers } = await echo(await ask('/app/', { Cookie: adam.cookieHeader() }));
    assert.equal(headers['x-gatehouse-user'], 'adam');
    assert.equal(headers['x-gatehouse-organization'], 'acme');
    assert.equal(headers['x-gatehouse-roles'], 'Admin');
    assert.ok(headers['x-gatehouse-permissions']?.split(',').includes('users:read'));
  });

  it('passes every method on with its body', async () => {
    const { method, url } = await echo(
      await ask('/app/items?a=1&b=2', { Cookie: adam.cookieHeader() }, { method: 'PUT', body: 'x'.repeat(100_000) }),
    );
    assert.deepEqual([method, url], ['PUT', '/app/items?a=1&b=2']);
  });

  it('hands the application nothing with which it could act for anybody', async () => {
    const { secret } = await makeToken(adam);
    for (const sent of [{ Cookie: adam.cookieHeader() }, bearer(secret), { 'X-API-Key': secret }] as Record<
      string,
      string
    >[]) {
      const { headers } = await echo(await ask('/app/', sent));
      const { cookie, authorization, 'x-api-key': key } = headers;
      assert.deepEqual([cookie, authorization, key], [undefined, undefined, undefined]);
      assert.ok(!JSON.stringify(headers).includes(secret));
    }
  });

  it('lets no visitor say who they are: what they send as X-Gatehouse-* is never passed on', async () => {
    const uma = await portal.signIn('uma', portal.address);
    const forged = {
      'X-Gatehouse-User': 'olivia',
      'X-Gatehouse-Organization': 'globex',
      'X-Gatehouse-Roles': 'Owner',
      'X-Gatehouse-Permissions': 'users:delete',
      'x-gatehouse-user': 'olivia',
      // Python, PHP, Perl and whatever else speaks CGI, WSGI or Rack make no difference between the two.
      X_Gatehouse_User: 'olivia',
      'X-Gatehouse_User': 'olivia',
      'X_Gatehouse-Permissions': 'users:delete',
    };
    assert.equal((await ask('/app/', forged)).status, 303);
    const { headers } = await echo(await ask('/app/', { ...forged, Cookie: uma.cookieHeader() }));
    assert.equal(headers['x-gatehouse-user'], 'uma');
    assert.equal(headers['x-gatehouse-organization'], 'acme');
    assert.equal(headers['x-gatehouse-roles'], 'User');
    assert.equal(headers['x-gatehouse-permissions'], 'tokens:create');
    assert.deepEqual(
      Object.keys(headers).filter((name) => /^x[-_]gatehouse/.test(name) && name.includes('_')),
      [],
    );
    assert.equal((await ask('/app/people/', { ...forged, Cookie: uma.cookieHeader() })).status, 403);
  });

  it('opens what needs a permission to those alone who have it', async () => {
    const uma = await portal.signIn('uma', portal.address);
    assert.equal((await ask('/app/people/', { Cookie: uma.cookieHeader() })).status, 403);
    assert.equal(application.seen.length, 0);
    const { headers } = await echo(await ask('/app/people/', { Cookie: adam.cookieHeader() }));
    assert.equal(headers['x-gatehouse-user'], 'adam');
    assert.equal((await ask('/app/people/')).status, 303);
    const narrow = await makeToken(adam, 'log:read');
    assert.equal((await ask('/app/people/', bearer(narrow.secret))).status, 403);
    assert.equal(
      (await echo(await ask('/app/', bearer(narrow.secret)))).headers['x-gatehouse-permissions'],
      'log:read',
    );
  });

  it('passes a program with a token on, and refuses it at the very next request once that is revoked', async () => {
    const { secret, page } = await makeToken(adam, 'users:read');
    assert.equal((await echo(await ask('/app/people/', bearer(secret)))).headers['x-gatehouse-user'], 'adam');
    const { csrf } = await adam.get(page);
    assert.equal((await adam.post(`${page}/removal`, { _csrf: csrf })).status, 303);
    assert.equal((await ask('/app/people/', bearer(secret))).status, 401);
    assert.equal((await ask('/app/', { 'X-API-Key': secret })).status, 401);
  });

  it('tells a program with a wrong credential so, in place of showing it a page', async () => {
    for (const headers of [bearer('ght_nonsense'), { Authorization: 'Basic YTpi' }, { 'X-API-Key': 'x' }] as Record<
      string,
      string
    >[]) {
      const answer = await ask('/app/', headers);
      assert.deepEqual([answer.status, answer.headers.get('location')], [401, null]);
    }
    assert.equal(application.seen.length, 0);
  });

  it('lets nobody in who has signed out', async () => {
    const uma = await portal.signIn('uma', portal.address);
    const cookie = uma.cookieHeader();
    await echo(await ask('/app/', { Cookie: cookie }));
    const { csrf } = await uma.get('/security');
    assert.equal((await uma.post('/logout', { _csrf: csrf })).status, 303);
    assert.equal((await ask('/app/', { Cookie: cookie })).status, 303);
  });

  it('cannot be asked from outside for what only the proxy asks', async () => {
    for (const path of ['/gatehouse-auth', '/gatehouse-auth/users-read'])
      assert.equal((await ask(path, { Cookie: adam.cookieHeader() })).status, 404, path);
  });

  it('lets nobody in while the portal does not answer', async () => {
    const cookie = adam.cookieHeader();
    await portal.server.stop();
    const { status } = await ask('/app/', { Cookie: cookie });
    assert.ok(status >= 500, String(status));
    assert.equal(application.seen.length, 0);
  });
}
