import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createFastServer } from '#server/http/server.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('The server below the app', () => {
  let portal: Portal;
  let server: Server;
  before(async () => {
    portal = await startPortal({ demo: false });
    server = createFastServer(portal.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await portal.close();
  });

  /** Sends bytes as they are, and gives the first line and all of what came back. */
  async function send(bytes: string): Promise<{ first: string; all: string }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    const all = Buffer.concat(chunks).toString();
    return { first: all.split('\r\n')[0] ?? '', all };
  }

  const get = (path: string, headers: string[]): string =>
    [`GET ${path} HTTP/1.1`, 'Connection: close', ...headers, '', ''].join('\r\n');
  const HOST = 'Host: localhost:3000';

  it('Serves the portal', async () => {
    const { first, all } = await send(get('/login', [HOST]));
    assert.equal(first, 'HTTP/1.1 200 OK');
    assert.match(all, /content-security-policy: default-src 'none'/i);
  });

  it('Refuses headers that are too big, and what is no HTTP, without a word about itself', async () => {
    const refused: [string, RegExp][] = [
      [get('/login', [HOST, `X-Big: ${'x'.repeat(20_000)}`]), / 431 /],
      [get('/login', [HOST, `Cookie: ${'x'.repeat(17_000)}`]), / 431 /],
      [get(`/${'x'.repeat(17_000)}`, [HOST]), / 431 /],
      ['nonsense\r\n\r\n', / 400 /],
      [get('/login', []), / 400 /],
      [get('/login', [HOST, 'X-Bad: a\0b']), / 400 /],
    ];
    for (const [bytes, expected] of refused) {
      const { first, all } = await send(bytes);
      assert.match(first, expected, bytes.slice(0, 60));
      assert.ok(all.length < 300 && !/node|express|at /i.test(all.replace('Connection', '')), all);
    }
  });

  it('Refuses a request that two readers would read differently', async () => {
    const both = [
      'POST /login HTTP/1.1',
      HOST,
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      '',
      '0',
      '',
      'GET /admin HTTP/1.1',
      HOST,
      '',
      '',
    ];
    assert.match((await send(both.join('\r\n'))).first, / 400 /);
    const twice = ['POST /login HTTP/1.1', HOST, 'Content-Length: 5', 'Content-Length: 6', '', 'hello'];
    assert.match((await send(twice.join('\r\n'))).first, / 400 /);
  });

  it('Is not misled by a whole address in the place of a path', async () => {
    const { all } = await send(get('http://evil.example/security', [HOST]));
    assert.doesNotMatch(all, /location: (?!\/login)/i);
    // The name in it counts, whatever the Host header says.
    for (const whole of [
      'http://evil.example/login',
      'HTTP://evil.example',
      'https://evil.example?x',
      'http://evil.example:3000/api/v1/me',
    ])
      for (const host of [HOST, 'Host: evil.example'])
        assert.match((await send(get(whole, [host]))).first, / 421 /, whole);
    for (const host of [HOST, 'Host: evil.example']) {
      const ours = await send(get('http://LOCALHOST:3000/login?organization=acme', [host]));
      assert.match(ours.first, / 200 /);
      assert.match(ours.all, /content-security-policy/i);
      assert.match((await send(get('http://localhost:3000?x', [host]))).all, /location: \/login/i);
    }
    for (const neither of [
      'http://[::1/login',
      'http:///login',
      'ftp://localhost/login',
      'http://u:p@localhost:3000/login',
      'http://localhost:3000\\@evil.example/',
      'http:/login',
      'localhost:3000',
      'javascript:1',
    ])
      assert.match((await send(get(neither, [HOST]))).first, / (400|421) /, neither);
  });

  it('Gives nobody more time than a slow line needs', () => {
    assert.ok(server.headersTimeout > 0 && server.headersTimeout <= 10_000);
    assert.ok(server.requestTimeout > 0 && server.requestTimeout <= 30_000);
    assert.ok(server.keepAliveTimeout > 60_000);
  });
});
