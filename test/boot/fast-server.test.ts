import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createFastServer } from '#server/http/server.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

interface Asked {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

const FORM = 'application/x-www-form-urlencoded';

/** What a visitor, or somebody who is signed in, may ask for: pages, files, errors, redirects. */
const ASKED: readonly Asked[] = [
  { path: '/' },
  { path: '/login?organization=acme' },
  { path: '/login', method: 'HEAD' },
  { path: '/security' },
  { path: '/healthz' },
  { path: '/nothing/here' },
  { path: '/%ff' },
  { path: `/${'x'.repeat(3000)}` },
  { path: '/assets/css/gatehouse.css' },
  { path: '/assets/css/gatehouse.css', headers: { range: 'bytes=0-9' } },
  { path: '/login', headers: { host: 'elsewhere.example' } },
  { path: '/login', method: 'POST', headers: { 'content-type': FORM }, body: 'organization=acme' },
  { path: '/login', method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
  {
    path: '/login',
    method: 'POST',
    headers: { 'content-type': FORM, 'sec-fetch-site': 'same-origin' },
    body: 'x'.repeat(40_000),
  },
  { path: '/login', method: 'PROPFIND' },
  { path: '/api/v1/me' },
];

describe('The server whose requests are born with Express’s prototypes', () => {
  let portal: Portal;
  let plain: Server;
  let fast: Server;
  let cookie: string;
  before(async () => {
    portal = await startPortal();
    plain = createServer(portal.app).listen(0, '127.0.0.1');
    fast = createFastServer(portal.app).listen(0, '127.0.0.1');
    await Promise.all([once(plain, 'listening'), once(fast, 'listening')]);
    const uma = await portal.signedIn('acme/uma', PASSWORD);
    cookie = [...uma.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  });
  after(async () => {
    for (const server of [plain, fast]) server.close().closeAllConnections();
    await portal.close();
  });

  for (const who of ['a visitor', 'somebody who is signed in']) {
    it(`answers ${who} as any other would`, async () => {
      for (const asked of ASKED) {
        const headers = { ...asked.headers, ...(who === 'a visitor' ? {} : { cookie }) };
        const [expected, given] = await Promise.all(
          [plain, fast].map((server) => answerOf(server, { ...asked, headers })),
        );
        assert.ok(expected && expected.status > 0);
        assert.deepEqual(given, expected, `${asked.method ?? 'GET'} ${asked.path.slice(0, 40)}`);
      }
    });
  }

  it('hands out requests and answers that are Node’s and Express’s at once', async () => {
    const seen: boolean[] = [];
    const app = Object.assign(
      (req: object, res: { end(): void }) => {
        seen.push(
          Object.getPrototypeOf(req) === portal.app.request,
          Object.getPrototypeOf(res) === portal.app.response,
        );
        res.end();
      },
      { request: portal.app.request, response: portal.app.response },
    );
    const server = createFastServer(app as never).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await answerOf(server, { path: '/' });
    server.close();
    assert.deepEqual(seen, [true, true]);
  });
});

/** An answer, with what differs from one to the next left out. */
async function answerOf(server: Server, { method = 'GET', path, headers = {}, body }: Asked) {
  const { port } = server.address() as AddressInfo;
  const sent = request({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent: false,
    headers: { host: 'localhost', ...headers },
  });
  sent.on('error', () => undefined).end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const shown = await text(answer);
  const kept = Object.entries(answer.headers).filter(
    ([name]) => !/^(date|x-request-id|set-cookie|ratelimit.*)$/.test(name),
  );
  const cookies = (answer.headers['set-cookie'] ?? []).map((line) =>
    line.replace(/=[^;]*/, '=…').replace(/Expires=[^;]*/, 'Expires=…'),
  );
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(kept),
    cookies,
    body: shown.replace(/[\w-]{43}|(?<=")[\w-]{22}(?=")|[\w-]{12}(?=<)|(?<=data-since=")-?\d+/g, '…'),
  };
}
