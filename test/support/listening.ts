import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createFastServer } from '#server/http/server.js';
import { startPortal, type Portal, type PortalOptions } from './portal.js';
import { freePort } from './process.js';

/** A portal in this process, with its clock and its inbox, that listens as a served one does. */
export interface ListeningPortal extends Portal {
  url: string;
  server: Server;
}

export interface ListeningOptions extends PortalOptions {
  /** The name under which it is known. */
  host?: string;
  /** Sees each request before the portal does. */
  onRequest?: (req: IncomingMessage) => void;
}

export async function listeningPortal(options: ListeningOptions = {}): Promise<ListeningPortal> {
  const { host = 'localhost', env = {}, onRequest } = options;
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const portal = await startPortal({ ...options, env: { BASE_URL: url, ...env } });
  const server = createFastServer(portal.app, portal.services.log);
  if (onRequest) server.prependListener('request', onRequest);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...portal,
    url,
    server,
    async close() {
      server.closeAllConnections();
      server.close();
      await portal.close();
    },
  };
}
