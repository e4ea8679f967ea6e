import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Context, Services } from '#server/context.js';
import { describeClient, type ClientDescription } from '#server/lib/client.js';

// As nginx has it, whose logs and dashboards people know.
const HUNG_UP = 499;

/**
 * Gives the request an id, and an access-log line without query, header or body when it has been answered, or when who asked
 * has hung up before: what they asked may be done all the same.
 */
export function requestLog(services: Services): RequestHandler {
  const { log, meters } = services;
  const quiet = !log.isLevelEnabled('info');
  const counted = services.config.metricsToken !== null;
  return (req, res, next) => {
    // The last twelve digits: short enough to read out on the telephone, and made from a store of random numbers.
    const requestId = randomUUID().slice(-12);
    req.context = visitorContext(services, req, requestId);
    res.setHeader('X-Request-Id', requestId);
    if (!quiet || counted) {
      const began = performance.now();
      res.once('close', () => {
        const ms = Math.round(performance.now() - began);
        const status = res.writableFinished ? res.statusCode : HUNG_UP;
        if (counted) meters.request({ method: req.method, route: routeOf(req), status, seconds: ms / 1000 });
        if (quiet) return;
        log.info({ requestId, method: req.method, path: pathOf(req), status, ms }, 'request');
      });
    }
    next();
  };
}

/** Completes the context with who is signed in and from where. */
export const openContext: RequestHandler = (req, _res, next) => {
  const { context, principal } = req;
  if (principal) Object.assign(context, principal);
  next();
};

function visitorContext(services: Services, req: Request, requestId: string): Context {
  let described: ClientDescription | undefined;
  return {
    services,
    door: 'web',
    now: services.clock.now(),
    actor: null,
    tenant: null,
    user: null,
    policy: null,
    secondFactor: null,
    duty: null,
    roleNames: [],
    session: null,
    credential: null,
    ip: req.ip ?? null,
    // Reading a user agent is slow, and only what is logged needs it; so it waits until somebody asks.
    get client() {
      return (described ??= describeClient(req.headers));
    },
    requestId,
  };
}

// As it is written, and not as it was asked for: whoever asks for a thousand addresses must not make a thousand series.
function routeOf(req: Request): string {
  const { path } = (req.route ?? {}) as { path?: unknown };
  // Where a call is refused, Express has left the router of the calls already.
  if (typeof path === 'string') return `${req.context.door === 'api' ? '/api/v1' : req.baseUrl}${path}`;
  return req.originalUrl.startsWith('/assets/') ? '/assets' : 'none';
}

const LINKS = /^(\/(?:password\/reset|invitations|email\/confirm|disavowal|recovery\/(?:undo|setup)|setup)\/).+$/i;
// Wherever else it stands, what is as long as a secret of a link or of a program, and no id is, is taken for one.
const SECRET = /[\w-]{40,}/g;

// The paths of mailed links and of the set-up hold a secret, in whatever case they were typed: the routes take any. What was
// asked for, and not what is left of it where a router has taken its part; a proxy may be asked with the host before it.
function pathOf({ originalUrl }: Request): string {
  const [path = ''] = originalUrl.replace(/^[a-z]+:\/\/[^/?]*/i, '').split('?', 1);
  return path.replace(LINKS, '$1…').replace(SECRET, '…');
}
