import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { Express } from 'express';
import type { Log } from '#server/lib/log.js';

// What TypeScript does not know of the two: that they are functions, which fill in the object they are called on.
type Initialise<Given extends unknown[]> = { apply(self: object, given: Given): void };

const MOST_HEADERS = 100;
// A connection that goes away has refused nothing.
const UNREADABLE = /^(HPE_|ERR_HTTP_REQUEST_TIMEOUT$)/;

/**
 * An HTTP server whose requests and responses are born with Express's prototypes. Express would otherwise exchange
 * the prototype of both at every request, which sends what follows down the engine's slow path: about half the speed.
 */
export function createFastServer(app: Express, log?: Log): Server {
  // What the app never sees has no line there. Never more of it than why: what was sent may hold secrets.
  const tell = (code: string): void => log?.info({ code }, 'what was sent could not be taken for a request');

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
      const status = req.rawHeaders.length > 2 * MOST_HEADERS ? 431 : takeTarget(req) ? null : 400;
      if (status === null) {
        app(req, res);
        return;
      }
      tell(status === 431 ? 'too many headers' : 'no target');
      res.writeHead(status, { Connection: 'close' }).end();
    },
  );
  // Node has answered by then, and hangs up. Browsers open connections ahead of time: who has sent nothing meant nothing.
  server.on('connection', (socket) =>
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (UNREADABLE.test(code) && socket.bytesRead > 0) tell(code);
    }),
  );
  server.headersTimeout = 10_000;
  // Head and body together: whoever takes longer holds on to a request that others may have shut out meanwhile.
  server.requestTimeout = 10_000;
  // Whoever takes nothing of an answer for as long would keep it, and their connection, for ever. No answer is waited for that long.
  server.timeout = 120_000;
  server.keepAliveTimeout = 65_000; // longer than the usual 60 s of a proxy in front, so that it closes first
  // One more than may be, so that it is seen: Node drops the rest without a word, and among that would be the visitor's
  // address from a proxy that puts it last.
  server.maxHeadersCount = MOST_HEADERS + 1;
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
