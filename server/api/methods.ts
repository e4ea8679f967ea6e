import type { RequestHandler } from 'express';
import { MethodNotAllowed } from '#server/errors.js';
import { credentialOrSession, type ApiRoute } from './route.js';

/** What may be asked of a path by which method. */
type Asked = Pick<ApiRoute, 'method' | 'path' | 'access'>;

/** The paths of these calls, those without parameters first: a name goes before whatever may stand in its place. */
export function pathsOf<One extends Asked>(calls: Iterable<One>): Map<string, One[]> {
  const paths = new Map<string, One[]>();
  for (const call of calls) paths.set(call.path, [...(paths.get(call.path) ?? []), call]);
  return new Map([...paths].sort(([one], [other]) => Number(one.includes(':')) - Number(other.includes(':'))));
}

/**
 * Answers whatever else a path is asked by: 405, or, for OPTIONS, 204; both say which methods there are (RFC 9110, 9.3.7 and
 * 15.5.6). But a proxy that hands on the method of what it guards would take a 204 for a yes: what says whether somebody
 * may in has no OPTIONS.
 */
export function otherMethods(calls: readonly Pick<Asked, 'method' | 'access'>[]): RequestHandler {
  const decides = calls.some(({ access }) => access.who === credentialOrSession.who);
  const methods = calls.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  const allow = [...methods, ...(decides ? [] : ['OPTIONS'])].join(', ');
  return (req, res) => {
    if (req.method !== 'OPTIONS' || decides) throw new MethodNotAllowed(req.method, allow);
    res.status(204).setHeader('Allow', allow).end();
  };
}
