import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { createApp } from '#server/app.js';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { createFastServer } from '#server/http/server.js';
import { MINUTE } from '#server/lib/clock.js';
import { generate, makeToken } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { everyCaller } from './callers.js';

/** What a request may have about it that is not usual. */
const ODD: Readonly<Record<string, string>> = {
  'a foreign host': 'Host: elsewhere.example',
  'two hosts': 'Host: localhost\r\nHost: localhost',
  'another spelling of the host': 'Host: LOCALHOST:3000',
  'an address that is none': 'X-Forwarded-For: nobody',
  'a part of it': 'Range: bytes=0-9',
  'on the condition that it has changed': 'If-None-Match: *',
  'on the condition that it is newer': 'If-Modified-Since: Sat, 28 Nov 2026 12:00:00 GMT',
  'not knowing the state': 'If-None-Match: "abc"\r\nCache-Control: no-cache',
  'expecting to be told to go on': 'Expect: 100-continue',
  'small if possible': 'Accept-Encoding: br, gzip',
  'small, from another site': 'Accept-Encoding: gzip\r\nSec-Fetch-Site: cross-site',
  'a body': 'Content-Length: 7\r\nContent-Type: application/x-www-form-urlencoded',
  'a body in pieces': 'Transfer-Encoding: chunked',
  'another method in a header': 'X-HTTP-Method-Override: POST',
  'asking for JSON': 'Accept: application/json',
  'a credential that is none': 'Authorization: Bearer nonsense',
};
const BODIES: Readonly<Record<string, string>> = { 'a body': 'a=b&c=d', 'a body in pieces': '3\r\na=b\r\n0\r\n\r\n' };
const ENDS = ['?', '?form=password', '?a=1&a=2', '?x=%zz', `?q=${'x'.repeat(2100)}`, '/', '#part', ';a=1', '%2e'];

// What is looked at has a way of its own, on which Express does not look at each step whose path it is. The same portal
// without that way is asked the same, by everybody, and must not answer otherwise.
describe('What is looked at is answered alike by the straight way and by the long one', () => {
  let portal: Portal;
  let servers: Server[];
  let callers: { name: string; head: string }[];
  before(async () => {
    portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    const { config, database, clock, services } = portal;
    const long = createApp({ config, database, clock, mailer: portal.inbox }, services);
    const [first] = long.router.stack;
    const before = long.router.stack.length;
    long.router.stack.shift();
    assert.ok(first && before > 10);
    servers = [portal.app, long].map((app) => createFastServer(app).listen(0, '127.0.0.1'));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    callers = await everybody();
    // From here on the time stands still, but where it is moved: the two are not asked at the same moment.
    let now = portal.clock.now();
    Object.assign(portal.clock, { now: () => now, move: (ms: number) => void (now += ms) });
  });
  after(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await portal.close();
  });

  async function everybody(): Promise<{ name: string; head: string }[]> {
    const people = (await everyCaller(portal))
      .filter(({ name }) => !/adam|audrey|gary/.test(name))
      .map(({ name, browser }) => ({ name, head: cookieOf(browser.cookies) }));
    const ended = await portal.signedIn('acme/uma');
    const over = cookieOf(ended.cookies);
    await ended.submit('/security', '/logout');
    const olivia = await portal.signedIn('acme/olivia');
    const key = await generate(olivia, 'api-key');
    const { secret } = await makeToken(olivia);
    return [
      ...people,
      { name: 'whose session has ended', head: over },
      { name: 'whose cookie is made up', head: over.replace(/.{4}\r\n$/, 'AAAA\r\n') },
      { name: 'an API key', head: `Authorization: Bearer ${key}\r\n` },
      { name: 'a token', head: `X-API-Key: ${secret}\r\n` },
    ];
  }

  async function ask(server: Server, method: string, path: string, head: string, body = ''): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const host = /^Host:/im.test(head) ? '' : `Host: ${new URL(portal.config.baseUrl).host}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\nConnection: close\r\n${host}${head}\r\n${body}`, 'latin1');
    return textOf(await buffer(socket));
  }

  async function compare(method: string, path: string, head: string, body = ''): Promise<string> {
    for (let left = 3; ; left -= 1) {
      const [straight, long] = [
        await ask(servers[0] as Server, method, path, head, body),
        await ask(servers[1] as Server, method, path, head, body),
      ];
      assert.match(straight, /^HTTP\/1\.1 \d/);
      if (lasting(straight) === lasting(long)) return straight;
      // A refusal is noted aside, perhaps between the two, and is then in the list of the second: so they are asked again.
      if (left === 0) assert.equal(lasting(straight), lasting(long), `${method} ${path} ${head}`);
      await portal.services.aside.settled();
    }
  }

  const all = [...routes, ...apiRoutes.map((one) => ({ ...one, path: `/api/v1${one.path}` }))]
    // What is written out of the log is noted in it, and so is another the second time.
    .filter(({ method, path }) => method === 'get' && !/:|export/.test(path))
    .map(({ path }) => path);

  it('by whoever asks, for every page and every call', async () => {
    const seen = new Set<string>();
    for (const { head } of callers) {
      portal.clock.move(2 * MINUTE);
      for (const path of all) seen.add((await compare('GET', path, head)).slice(9, 12));
    }
    for (const status of ['200', '303', '401', '403', '404']) assert.ok(seen.has(status), status);
  });

  it('whatever is odd about the request', async () => {
    const seen = new Set<string>();
    for (const { head } of callers.filter(({ name }) => /visitor|uma|ended|API key/.test(name))) {
      portal.clock.move(2 * MINUTE);
      for (const path of ['/security', '/login', '/api/v1/me', '/api/v1/users', '/admin']) {
        for (const [name, odd] of Object.entries(ODD))
          seen.add((await compare('GET', path, `${head}${odd}\r\n`, BODIES[name])).slice(9, 12));
        for (const end of ENDS) seen.add((await compare('GET', path + end, head)).slice(9, 12));
        for (const method of ['HEAD', 'OPTIONS', 'PUT', 'TRACE']) await compare(method, path, head);
        await compare('GET', path.toUpperCase(), head);
        await compare('GET', `http://localhost:3000${path}`, head);
      }
    }
    for (const status of ['200', '304', '400', '414', '421']) assert.ok(seen.has(status), status);
  });
});

function cookieOf(cookies: ReadonlyMap<string, string>): string {
  return cookies.size === 0 ? '' : `Cookie: ${[...cookies].map(([name, value]) => `${name}=${value}`).join('; ')}\r\n`;
}

/** What came, its body unpacked, and no word of how long it was packed: its random texts make that another each time. */
function textOf(bytes: Buffer): string {
  const at = bytes.indexOf('\r\n\r\n') + 4;
  const [head, body] = [bytes.subarray(0, at).toString('latin1'), bytes.subarray(at)];
  const [, encoding] = /^content-encoding: (\w+)/im.exec(head) ?? [];
  if (encoding === undefined || body.length === 0) return head + body.toString('utf8');
  const unpacked = encoding === 'br' ? brotliDecompressSync(body) : gunzipSync(body);
  return head.replace(/^content-length: \d+$/im, 'Content-Length: PACKED') + unpacked.toString('utf8');
}

/** An answer without what is another in each: ids of requests and forms, random texts, the time of the wire. */
function lasting(answer: string): string {
  return (
    answer
      .replace(/^(Date|X-Request-Id): .*$/gim, '')
      .replace(/; Expires=[^;]*/g, '')
      .replace(/[\w-]{86}/g, 'TOKEN')
      .replace(/gatehouse-visitor=[^;]*/g, 'VISITOR')
      .replace(/gatehouse-browser=[^;]*/g, 'BROWSER')
      .replace(/(name="_form" value=")[\w-]{22}/g, '$1FORM')
      .replace(/\b[0-9a-f]{12}\b/g, 'REQUEST')
      .replace(/(&#34;challenge&#34;:&#34;)[\w-]+/g, '$1CHALLENGE')
      .replace(/(challenge&#34;:&#34;)[\w-]+/g, '$1CHALLENGE')
      // A cursor is sealed anew each time.
      .replace(/("next":")[\w.-]+/g, '$1CURSOR')
  );
}
