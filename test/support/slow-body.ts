import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request with a body, as the bytes of it are. */
export interface Slow {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface SlowAnswer {
  status: number;
  /** Where a redirect leads; '' when it is none. */
  location: string;
  text: string;
}

export interface Begun {
  /** Sends what is left, and gives the answer. */
  finish(): Promise<SlowAnswer>;
}

/**
 * Sends the head and half of the body, and comes back once the server waits for the rest: whatever it asks before it
 * reads a body has then been asked. Nothing here depends on how long that takes.
 */
export async function beginSlowly(server: Server, sent: Slow): Promise<Begun> {
  const { socket, head, body } = open(server, sent);
  const half = Math.floor(body.length / 2);
  const waiting = restIsAwaited(server);
  socket.write(Buffer.concat([head, body.subarray(0, half)]));
  const whole = text(socket);
  await waiting;
  return {
    async finish() {
      if (socket.writable) socket.write(body.subarray(half));
      return readAnswer(await whole);
    },
  };
}

/** Sends the same request in one piece. */
export async function sendWhole(server: Server, sent: Slow): Promise<SlowAnswer> {
  const { socket, head, body } = open(server, sent);
  socket.write(Buffer.concat([head, body]));
  return readAnswer(await text(socket));
}

function open(server: Server, { method, path, headers, body: typed }: Slow) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  const body = Buffer.from(typed);
  const lines = [
    `${method.toUpperCase()} ${path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    '',
  ];
  return { socket, head: Buffer.from(lines.join('\r\n')), body };
}

/** Until somebody listens to the body of the next request, or it has been answered without. */
async function restIsAwaited(server: Server): Promise<void> {
  const [request, response] = await new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    server.prependOnceListener('request', (req: IncomingMessage, res: ServerResponse) => resolve([req, res]));
  });
  if (request.listenerCount('data') > 0 || response.writableEnded) return;
  await Promise.race([listenedTo(request), once(response, 'close')]);
}

function listenedTo(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    request.on('newListener', (event) => {
      if (event === 'data') resolve();
    });
  });
}

function readAnswer(answer: string): SlowAnswer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  if (status === 0) throw new Error(`This is no answer: ${answer.slice(0, 200)}`);
  return { status, location: /^location: (.*)$/im.exec(head)?.[1]?.trim() ?? '', text: rest.join('\r\n\r\n') };
}
