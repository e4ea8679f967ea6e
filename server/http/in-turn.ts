import type { RequestHandler } from 'express';

/** What each of those that `inTurn` has made is made of: one in another is not gone through on its own. */
const parts = new WeakMap<RequestHandler, readonly RequestHandler[]>();

/**
 * Several handlers as one, each after the other. Between two of its own Express looks whether the path is theirs, which
 * costs more than most of them do.
 */
export function inTurn(...given: readonly RequestHandler[]): RequestHandler {
  const handlers = given.flatMap((one) => parts.get(one) ?? [one]);
  const all: RequestHandler = (req, res, next) => {
    let at = 0;
    const goOn = (error?: unknown): void => {
      const handler = handlers[at];
      if (error || !handler) {
        next(error);
        return;
      }
      at += 1;
      // As Express takes it: what a handler throws, or rejects with, is for those who answer errors.
      try {
        const done = handler(req, res, goOn) as unknown;
        if (done instanceof Promise) done.catch((reason: unknown) => next(reason ?? new Error('A handler failed.')));
      } catch (reason) {
        next(reason ?? new Error('A handler failed.'));
      }
    };
    goOn();
  };
  parts.set(all, handlers);
  return all;
}

interface Reached {
  method: string;
  path: string;
}

interface Pattern extends Reached {
  parts: readonly string[];
}

/**
 * Those of the routes that are only looked at, each behind what stands before all of them, and behind what comes `first` for
 * it alone.
 */
export function looksBehind<One extends Reached>(
  before: RequestHandler,
  routes: ReadonlyMap<One, RequestHandler>,
  first: (route: One) => readonly RequestHandler[] = () => [],
): Map<One, RequestHandler> {
  const looks = [...routes].filter(([{ method }]) => method === 'get');
  return new Map(looks.map(([route, handler]) => [route, inTurn(...first(route), before, handler)]));
}

/**
 * Whatever stands at a path without parameters, found by that path at once: Express tries the patterns of all routes in
 * their order. A path that is written otherwise, by its case or a slash at its end, is left to Express, and so is one that
 * an earlier pattern may take. `base` is where a router with these routes would stand, and the request is as that has it.
 */
export function atOnce(routes: ReadonlyMap<Reached, RequestHandler>, base = ''): RequestHandler {
  const direct = new Map<string, { route: { path: string }; handler: RequestHandler }>();
  const earlier = new Set<string>();
  const patterns: Pattern[] = [];
  for (const [{ method, path }, handler] of routes) {
    if (!isPlain(path)) {
      patterns.push({ method, path, parts: path.split('/') });
      continue;
    }
    const written = `${method} ${path.toLowerCase()}`;
    const given = path.toLowerCase().split('/');
    if (!earlier.has(written) && !patterns.some((one) => one.method === method && mayTake(one, given)))
      direct.set(`${method.toUpperCase()} ${base}${path}`, { route: { path }, handler: inTurn(handler) });
    earlier.add(written);
  }
  return (req, res, next) => {
    const found = direct.get(`${req.method} ${req.path}`);
    if (!found) {
      next();
      return;
    }
    req.route = found.route;
    if (base === '') {
      found.handler(req, res, next);
      return;
    }
    const { url, baseUrl } = req;
    req.baseUrl = baseUrl + base;
    req.url = url.slice(base.length);
    found.handler(req, res, (error?: unknown) => {
      Object.assign(req, { url, baseUrl });
      next(error);
    });
  };
}

function isPlain(path: string): boolean {
  return /^[\w/.-]*$/.test(path);
}

// Rather too often than too seldom: what may be taken is left to Express.
function mayTake({ path, parts }: Pattern, given: readonly string[]): boolean {
  if (/[*{]/.test(path)) return true;
  return parts.length === given.length && parts.every((part, at) => part.includes(':') || part === given[at]);
}
