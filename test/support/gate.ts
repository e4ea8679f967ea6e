import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between Gatehouse and its database, and can be closed, or hand on nothing. */
export class Gate {
  readonly #to: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;
  /** The sockets stay open, and nothing comes out of them: as where the machine behind them has lost its power. */
  silent = false;

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
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('data', (part) => this.silent || to.write(part));
        from.on('end', () => to.end());
      }
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** The same address as the one behind it, through the gate. */
  get url(): string {
    const url = new URL(this.#to);
    url.port = String(this.port);
    url.hostname = '127.0.0.1';
    return url.href;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }
}
