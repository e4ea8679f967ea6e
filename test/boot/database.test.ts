import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { demonstration, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { startServer, type RunningServer } from '../support/process.js';
import { Visitor } from '../support/visitor.js';

/** Stands between Gatehouse and its database, and can be closed. */
class Gate {
  readonly #to: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(to: URL) {
    this.#to = to;
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(Number(this.#to.port || 5432), this.#to.hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }
}

const onPostgres = process.env['TEST_DATABASE_URL'] ? describe : describe.skip;

onPostgres('Gatehouse, when PostgreSQL goes away', function () {
  this.timeout(300_000);
  let here: Installation;
  let gate: Gate;
  let server: RunningServer;
  before(async () => {
    here = await demonstration();
    const url = new URL(here.settings['DATABASE_URL'] ?? '');
    gate = new Gate(new URL(url));
    await gate.open();
    url.port = String(gate.port);
    url.hostname = '127.0.0.1';
    server = await startServer(here.folder, { ...here.settings, DATABASE_URL: url.href });
  });
  after(async () => {
    server.child.kill('SIGKILL');
    await gate.close();
    here.remove();
  });

  it('answers 503 with a page that says so, and serves on when it is back', async () => {
    const uma = new Visitor(server.url);
    await uma.submit('/login', { organization: 'acme', username: 'uma', password: PASSWORD });
    assert.equal((await uma.get('/security')).status, 200);

    await gate.close();
    const away = await Promise.all(['/security', '/readyz', '/healthz'].map((path) => uma.get(path)));
    assert.deepEqual(
      away.map(({ status }) => status),
      [503, 503, 200],
    );
    assert.match(away[0]?.text ?? '', /database cannot be reached/);

    await gate.open();
    for (const path of ['/security', '/readyz', '/security']) assert.equal((await uma.get(path)).status, 200);
    assert.equal(await server.stop(), 0);
  });
});
