import type { NextFunction, Request, RequestHandler, Response } from 'express';

/**
 * Several handlers as one, each after the other. Between two of its own Express looks whether the path is theirs, which
 * costs more than most of them do.
 */
export function inTurn(...handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => runFrom(0, handlers, req, res, next);
}

function runFrom(
  at: number,
  handlers: readonly RequestHandler[],
  req: Request,
  res: Response,
  next: NextFunction,
): void {
  const handler = handlers[at];
  if (!handler) {
    next();
    return;
  }
  // As Express takes it: what a handler throws, or rejects with, is for those who answer errors.
  try {
    const done = handler(req, res, (error?: unknown) => {
      if (error) next(error);
      else runFrom(at + 1, handlers, req, res, next);
    }) as unknown;
    if (done instanceof Promise) done.catch((error: unknown) => next(error ?? new Error('A handler failed.')));
  } catch (error) {
    next(error ?? new Error('A handler failed.'));
  }
}

interface Reached {
  method: string;
  path: string;
}

interface Pattern extends Reached {
  parts: readonly string[];
}

/**
 * Whatever stands at a path without parameters, found by that path at once: Express tries the patterns of all routes in
 * their order. A path that is written otherwise, by its case or a slash at its end, is left to Express, and so is one that
 * an earlier pattern may take.
 */
export function atOnce(routes: ReadonlyMap<Reached, RequestHandler>): RequestHandler {
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
      direct.set(`${method.toUpperCase()} ${path}`, { route: { path }, handler: inTurn(handler) });
    earlier.add(written);
  }
  return (req, res, next) => {
    const found = direct.get(`${req.method} ${req.path}`);
    if (!found) {
      next();
      return;
    }
    req.route = found.route;
    found.handler(req, res, next);
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
