import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createFastServer } from '#server/http/server.js';
import { startPortal, type Portal } from '../support/portal.js';
import { until } from '../support/until.js';

describe('The server below the app', () => {
  let portal: Portal;
  let server: Server;
  before(async () => {
    portal = await startPortal({ demo: false });
    server = createFastServer(portal.app, portal.services.log).listen(0, '127.0.0.1');
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

  it('Reads every header, or refuses them all: a proxy may put the visitor’s address behind those that the visitor made up', async () => {
    const made = (many: number): string[] => [HOST, ...Array.from({ length: many - 2 }, (_, at) => `X-${at}: 1`)];
    assert.match((await send(get('/login', made(100)))).first, / 200 /);
    for (const many of [101, 102, 133, 400])
      assert.match((await send(get('/login', [...made(many - 1), 'X-Forwarded-For: 203.0.113.9']))).first, / 431 /);
  });

  it('Has a line in the log for what could not be read, with the reason and nothing of it', async () => {
    const secret = 'plum-harbour-violet';
    for (const bytes of [
      `nonsense ${secret}\r\n\r\n`,
      get('/login', [HOST, `Cookie: ${secret.repeat(1000)}`]),
      get('/login', [HOST, ...Array.from({ length: 100 }, (_, at) => `X-${at}: ${secret}`)]),
      get('http://u:p@localhost:3000/login', [HOST, `X: ${secret}`]),
      ['POST /login HTTP/1.1', HOST, 'Transfer-Encoding: chunked', '', `Z${secret}`, ''].join('\r\n'),
    ]) {
      portal.logLines.length = 0;
      await send(bytes);
      const told = portal.logLines.filter((line) => !line.includes('"msg":"request"'));
      assert.equal(told.length, 1, bytes.slice(0, 40));
      assert.match(told[0] ?? '', /"code":"[\w ]+".*could not be taken for a request/);
      assert.doesNotMatch(portal.logLines.join('\n'), /plum/);
    }
  });

  it('Has a line in the log for a request whose sender hangs up, in its body or before the answer', async () => {
    const head = ['POST /login HTTP/1.1', HOST, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 9'];
    for (const body of ['user', 'username=']) {
      portal.logLines.length = 0;
      const begun = once(server, 'request');
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.write([...head, '', body].join('\r\n'));
      const [, res] = (await begun) as [unknown, ServerResponse];
      // Before the answer, however fast that is: it waits for the database.
      socket.destroy();
      res.socket?.destroy();
      await until(() => portal.logLines.length > 0);
      const line = JSON.parse(portal.logLines[0] ?? '') as Record<string, unknown>;
      assert.deepEqual([line['msg'], line['method'], line['path'], line['status']], ['request', 'POST', '/login', 499]);
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
    // Nor for taking what they asked for, but more than the slowest answer takes that somebody waits for.
    assert.ok(server.timeout >= 60_000 && server.timeout <= 300_000);
    assert.ok(server.keepAliveTimeout > 60_000);
  });
});
