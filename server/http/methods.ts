import { Router, type RequestHandler } from 'express';
import { MethodNotAllowed, NotFound } from '#server/errors.js';

/** What may be asked of a path by which method. */
interface Asked {
  method: string;
  path: string;
}

/** The paths of these, those without parameters first: a name goes before whatever may stand in its place. */
export function pathsOf<One extends Asked>(asked: Iterable<One>): Map<string, One[]> {
  const paths = new Map<string, One[]>();
  for (const one of asked) paths.set(one.path, [...(paths.get(one.path) ?? []), one]);
  return new Map([...paths].sort(([one], [other]) => Number(one.includes(':')) - Number(other.includes(':'))));
}

/**
 * Answers whatever else a path is asked by: 405, or, for OPTIONS, 204; both say which methods there are (RFC 9110, 9.3.7 and
 * 15.5.6). But a proxy that hands on the method of what it guards would take a 204 for a yes: what `decides` whether
 * somebody may in has no OPTIONS.
 */
export function otherMethods(asked: readonly Pick<Asked, 'method'>[], decides = false): RequestHandler {
  const methods = new Set(asked.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])));
  const allow = [...methods, ...(decides ? [] : ['OPTIONS'])].join(', ');
  return (req, res) => {
    if (req.method !== 'OPTIONS' || decides) throw new MethodNotAllowed(req.method, allow);
    res.status(204).setHeader('Allow', allow).end();
  };
}

const OF_PAGES = new Set(['GET', 'HEAD', 'POST']);

/** The same for all pages: by another method nobody asks for one, and nothing that follows has to know of any. */
export function pageMethods(pages: Iterable<Asked>): RequestHandler {
  const others = Router();
  for (const [path, asked] of pathsOf(pages)) others.all(path, otherMethods(asked));
  others.use(() => {
    throw new NotFound();
  });
  return (req, res, next) => {
    if (OF_PAGES.has(req.method)) next();
    else others(req, res, next);
  };
}
