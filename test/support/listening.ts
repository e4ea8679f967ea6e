import { once } from 'node:events';
import type { Server } from 'node:http';
import { createFastServer } from '#server/http/server.js';
import { startPortal, type Portal } from './portal.js';
import { freePort } from './process.js';

/** A portal in this process, with its clock and its inbox, that listens as a served one does. */
export interface ListeningPortal extends Portal {
  url: string;
  server: Server;
}

export async function listeningPortal(): Promise<ListeningPortal> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const portal = await startPortal({ env: { BASE_URL: url } });
  const server = createFastServer(portal.app);
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
