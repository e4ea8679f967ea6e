import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { routes } from '#server/features/index.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pathOf } from '../support/routes.js';

describe('By a method that no page takes', () => {
  let portal: Portal;
  let server: Server;
  let cookie: string;
  before(async () => {
    portal = await startPortal();
    const browser = await portal.signedIn('acme/olivia');
    cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    server = createServer(portal.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await portal.close();
  });

  const ask = async (method: string, path: string, head: Record<string, string>) => {
    const { port } = server.address() as AddressInfo;
    const headers = { Host: 'localhost:3000', Connection: 'close', ...head };
    const [answer] = (await once(request({ host: '127.0.0.1', port, method, path, headers }).end(), 'response')) as [
      IncomingMessage,
    ];
    return { status: answer.statusCode, allow: answer.headers.allow, said: await text(answer) };
  };

  it('each page says which it takes, to whoever asks, and nothing is refused as another site’s', async () => {
    const methods = new Map<string, Set<string>>();
    for (const { method, path } of [...routes, ...['/healthz', '/readyz'].map((path) => ({ method: 'get', path }))])
      methods.set(path, (methods.get(path) ?? new Set()).add(method.toUpperCase()));
    const heads: Record<string, string>[] = [{}, { Cookie: cookie }, { 'Sec-Fetch-Site': 'cross-site' }];
    let asked = 0;
    for (const [path, taken] of methods) {
      for (const method of ['PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS']) {
        const { status, allow = '' } = await ask(method, pathOf({ path }), heads[asked % heads.length] ?? {});
        assert.equal(status, method === 'OPTIONS' ? 204 : 405, `${method} ${path}`);
        const told = new Set(allow.split(', ').filter((one) => one !== 'HEAD' && one !== 'OPTIONS'));
        // What stands at a name may be what stands at any.
        for (const one of path.includes(':') ? taken : told)
          assert.ok(told.has(one) && taken.has(one), `${path}: ${allow}`);
        asked += 1;
      }
    }
    assert.ok(asked > 500);
  });

  it('what is not there is not there', async () => {
    for (const path of ['/nowhere', '/admin/users/x/y/z', '/metrics'])
      for (const method of ['PUT', 'TRACE', 'OPTIONS']) assert.equal((await ask(method, path, {})).status, 404, path);
  });

  it('the page says so, and TRACE gives nothing back of what was sent', async () => {
    const { said } = await ask('TRACE', '/login', { Cookie: cookie });
    assert.match(said, /That cannot be done here/);
    assert.ok(!said.includes(cookie));
  });
});
