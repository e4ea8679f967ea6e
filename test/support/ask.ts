import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Express } from 'express';

/** An answer of the portal. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export interface Question {
  method: string;
  path: string;
  /** A list is sent as several of that name. */
  headers: Record<string, string | string[]>;
  body?: string | Buffer;
}

interface Line {
  server: Server;
  agent: Agent;
  port: number;
}

const lines = new WeakMap<Express, Promise<Line>>();

/** Sends a request to the portal as it would come over the network; follows nothing. Each app listens once for all. */
export async function ask(app: Express, { method, path, headers, body }: Question): Promise<Answer> {
  let line = lines.get(app);
  if (!line) lines.set(app, (line = listen(app)));
  const { agent, port } = await line;
  // Spelt as browsers spell an address.
  const { pathname, search } = new URL(`http://127.0.0.1${path}`);
  const sent = request({
    host: '127.0.0.1',
    port,
    agent,
    method,
    path: pathname + search,
    headers: {
      'Accept-Encoding': 'gzip, deflate',
      ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
      ...headers,
    },
  });
  // Once there is an answer, it does not matter whether all was sent.
  sent.on('error', () => undefined);
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = await buffer(answer);
  const text = String(answer.headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes);
  return { status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string>, text };
}

/** Hangs up: nothing more is asked of this app. */
export async function hangUp(app: Express): Promise<void> {
  const line = await lines.get(app);
  if (!line) return;
  line.agent.destroy();
  line.server.close();
  line.server.closeAllConnections();
}

async function listen(app: Express): Promise<Line> {
  // A line that has been quiet for a while stays open: whoever is about to speak must not find it closed.
  const server = createServer({ keepAliveTimeout: 0 }, app).listen(0).unref();
  await once(server, 'listening');
  return { server, agent: new Agent({ keepAlive: true }), port: (server.address() as AddressInfo).port };
}
