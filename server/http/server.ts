import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { Express } from 'express';

// What TypeScript does not know of the two: that they are functions, which fill in the object they are called on.
type Initialise<Given extends unknown[]> = { apply(self: object, given: Given): void };

/**
 * An HTTP server whose requests and responses are born with Express's prototypes. Express would otherwise exchange
 * the prototype of both at every request, which sends what follows down the engine's slow path: about half the speed.
 */
export function createFastServer(app: Express): Server {
  // Calling them, not `Reflect.construct`: by that way V8 makes each object anew from nothing, at thirty times the cost.
  function FastRequest(this: IncomingMessage, ...given: ConstructorParameters<typeof IncomingMessage>): void {
    (IncomingMessage as unknown as Initialise<typeof given>).apply(this, given);
  }
  function FastResponse(this: ServerResponse, ...given: ConstructorParameters<typeof ServerResponse>): void {
    (ServerResponse as unknown as Initialise<typeof given>).apply(this, given);
  }
  FastRequest.prototype = app.request;
  FastResponse.prototype = app.response;
  const server = createServer(
    {
      IncomingMessage: FastRequest as unknown as typeof IncomingMessage,
      ServerResponse: FastResponse as unknown as typeof ServerResponse,
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: 5_000,
    },
    (req, res) => {
      if (takeTarget(req)) app(req, res);
      else res.writeHead(400, { Connection: 'close' }).end();
    },
  );
  server.headersTimeout = 10_000;
  // Head and body together: whoever takes longer holds on to a request that others may have shut out meanwhile.
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 65_000; // longer than the usual 60 s of a proxy in front, so that it closes first
  server.maxHeadersCount = 100;
  return server;
}

/**
 * Brings what a proxy is asked by (`GET http://portal.example/login`) into the form that a server is: the name in it is the
 * one that counts, whatever the Host header says (RFC 9112, 3.2.2). False for what is neither.
 */
function takeTarget(req: IncomingMessage): boolean {
  const { url = '', headers } = req;
  if (url.startsWith('/') || url === '*') return true;
  const [, authority, rest = ''] = /^https?:\/\/([^/?#@\\]+)((?:[/?].*)?)$/i.exec(url) ?? [];
  if (authority === undefined) return false;
  headers.host = authority;
  req.url = rest.startsWith('/') ? rest : `/${rest}`;
  return true;
}
