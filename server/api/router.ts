import { Router, type Request, type RequestHandler, type Response } from 'express';
import { can } from '#policies/can.js';
import { textProblem } from '#policies/names.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { sendText } from '#server/http/compress.js';
import { isId } from '#server/http/fields.js';
import { limitOf } from '#server/http/limited.js';
import { authenticate, bringsCredential, countSession, countUnauthenticated, type Gate } from './authenticate.js';
import { readBody } from './body.js';
import { readInput } from './input.js';
import { Unauthenticated } from './unauthenticated.js';
import type { ApiCall, ApiRoute } from './route.js';

/** All calls as a router for `/api/v1`. */
export function apiRouter(gate: Gate, routes: readonly ApiRoute[]): Router {
  // Strict: `/me/sessions/$ID` with nothing in ID must not mean all of them.
  const router = Router({ caseSensitive: true, strict: true });
  for (const route of routes) router[route.method](route.path, answer(gate, route));
  return router;
}

function answer(gate: Gate, route: ApiRoute): RequestHandler {
  return async (req, res) => {
    // Who asks comes first: of a body that nobody may send, nothing is read.
    await admit(gate, route, req, res);
    const params = pathParams(req);
    const query = readInput(route.query, req.query);
    const body = route.body ? readInput(route.body, await readBody(req, res, route.bodyType)) : undefined;
    const call = { context: req.context, id: params['id'] ?? '', params, query, body, req, res } as ApiCall<
      never,
      never
    >;
    send(res, route, await route.handler(call));
  };
}

function send(res: Response, { status, reply, replyType }: ApiRoute, given: unknown): void {
  res.status(status);
  if (reply === null) res.end();
  else if (replyType === 'text/plain') res.type('text/plain').send(String(given));
  else sendText(res.type('json'), JSON.stringify(given));
}

async function admit(gate: Gate, { access }: ApiRoute, req: Request, res: Response): Promise<void> {
  req.context.door = 'api';
  if (access === 'anyone') {
    countUnauthenticated(gate, req, res);
    return;
  }
  if (access === 'credentialOrSession' && !bringsCredential(req)) {
    await admitSession(gate, req, res);
    return;
  }
  const { credential, user, tenant, policy, secondFactor, actor, roleNames, narrowed } = await authenticate(
    gate,
    req,
    res,
  );
  Object.assign(req.context, { credential, user, tenant, policy, secondFactor, actor, roleNames });
  if (access === 'credential' || access === 'credentialOrSession') return;
  if (access === 'wholeCredential') {
    if (narrowed)
      throw new Forbidden('This token is limited to some permissions, and cannot change the account of its owner.');
    return;
  }
  if (!can(actor, access)) throw new Forbidden(`This credential lacks the permission ${access}.`);
}

async function admitSession(gate: Gate, req: Request, res: Response): Promise<void> {
  await gate.readSession(req, res);
  if (req.principal) Object.assign(req.context, req.principal);
  if (req.context.session && limitOf(req.context) === null) {
    countSession(gate, req, res);
    return;
  }
  throw new Unauthenticated('invalid_credentials', 'Sign in, or send a credential.', false);
}

// An id that has not the shape of one finds nothing, nor does a name that nobody can have.
function pathParams(req: Request): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.params)) {
    if (typeof value !== 'string' || textProblem(value) !== null || (name === 'id' && !isId(value)))
      throw new NotFound();
    params[name] = value;
  }
  return params;
}
