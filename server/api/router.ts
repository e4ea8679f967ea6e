import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { textProblem } from '#policies/names.js';
import type { UserContext } from '#server/context.js';
import { Invalid, InvalidRequest, NotFound, Unauthenticated } from '#server/errors.js';
import { JSON_TYPE, sendText } from '#server/http/compress.js';
import { atOnce } from '#server/http/in-turn.js';
import { otherMethods, pathsOf } from '#server/http/methods.js';
import { sendPartsTo } from '#server/http/parts.js';
import { isId } from '#server/input/ids.js';
import { authenticate, bringsCredential, countSession, countUnauthenticated, type Gate } from './authenticate.js';
import { demandOfCaller, refuseOutside, type Demand } from '#server/identity/admission.js';
import { parseBody, takeBody, takeLargeBody } from '#server/input/body.js';
import { readJson } from '#server/input/read.js';
import { credentialOrSession, Download, Waiting, type ApiAccess, type ApiCall, type ApiRoute } from './route.js';

/** What answers each call: its guard, and its handler behind that. */
export function callHandlers(gate: Gate, routes: readonly ApiRoute[]): Map<ApiRoute, RequestHandler> {
  return new Map(routes.map((route) => [route, answer(gate, route)]));
}

/** All calls as a router for `/api/v1`. */
export function apiRouter(handlers: ReadonlyMap<ApiRoute, RequestHandler>): Router {
  // Strict: `/me/sessions/$ID` with nothing in ID must not mean all of them.
  const router = Router({ caseSensitive: true, strict: true });
  router.use(passOverSlash);
  router.use(atOnce(handlers));
  for (const [path, calls] of pathsOf(handlers.keys())) {
    for (const call of calls) router[call.method](path, handlers.get(call) as RequestHandler);
    router.all(path, namesSomething, otherMethods(calls, calls.some(decides)));
  }
  return router;
}

// One slash at the end is passed over, as by the pages; but not where what is named would be deleted.
const passOverSlash: RequestHandler = (req, _res, next) => {
  if (req.method !== 'DELETE') req.url = req.url.replace(/(?<=[^/])\/(?=\?|$)/, '');
  next();
};

// A forward-auth proxy asks it.
function decides({ access }: ApiRoute): boolean {
  return access.who === credentialOrSession.who;
}

const namesSomething: RequestHandler = (req, _res, next) => {
  pathParams(req);
  next();
};

function answer(gate: Gate, route: ApiRoute): RequestHandler {
  return async (req, res) => {
    req.context.door = 'api';
    // The body first, and who asks after it: a body may take its time, and what was true at its head is not believed at
    // its end. What nobody may send is read to its bound, and dropped.
    // But what is large only of who may send it.
    if (route.large) await admit(gate, route, req, res);
    const sent = route.body || route.method !== 'get' ? await bodyOf(req, res, route) : null;
    await admit(gate, route, req, res);
    const params = pathParams(req);
    if (!route.body && sent) refuseWords(sent);
    const query = readJson(route.query, req.query);
    const body = route.body && sent ? read(route.body, parseBody(req, sent, route.bodyType), route) : undefined;
    const call = { context: req.context, id: params['id'] ?? '', params, query, body, req, res } as ApiCall<
      never,
      never
    >;
    const given = await route.handler(call);
    if (given instanceof Download) await sendFile(req, route, res, given);
    else send(res, route, given);
  };
}

// What a call that takes no body is told counts as little as a field that it does not have: `{"ids":[…]}` must not end all.
function refuseWords(sent: Buffer): void {
  if (!/^\ufeff?\s*(\{\s*\}|null)?\s*$/.test(sent.toString('utf8')))
    throw Invalid.field('', 'This call takes no body. Leave it out.');
}

// A body that is a form is one that a standard describes, whose clients look for its own word.
function read<T>(schema: z.ZodType<T>, given: unknown, { bodyType }: ApiRoute): T {
  try {
    return readJson(schema, given);
  } catch (error) {
    throw bodyType === 'form' && error instanceof Invalid ? new InvalidRequest(error) : error;
  }
}

function bodyOf(req: Request, res: Response, { bodyType, large, long }: ApiRoute): Promise<Buffer> {
  const { user } = req.context;
  return large && user ? takeLargeBody(req, res, user) : takeBody(req, res, bodyType, long);
}

function send(res: Response, { status, reply, replyType }: ApiRoute, given: unknown): void {
  if (given instanceof Waiting) {
    sendText(res.status(202), JSON_TYPE, JSON.stringify(given.reply));
    return;
  }
  res.status(status);
  if (reply === null) res.end();
  else if (replyType === 'text/plain') res.type('text/plain').send(String(given));
  else sendText(res, JSON_TYPE, JSON.stringify(given));
}

async function sendFile(
  req: Request,
  { status, access, replyType }: ApiRoute,
  res: Response,
  { name, begin }: Download,
): Promise<void> {
  res.status(status);
  await sendPartsTo(req.context as UserContext, demandOf(access), res, { name, type: replyType, begin });
}

/** What a call asks of its caller, beyond a good credential. */
function demandOf(access: ApiAccess): Demand {
  if (access.who === 'permitted') return access.permission;
  return access.who === 'wholeCredential' ? 'whole' : 'own';
}

async function admit(gate: Gate, { access }: ApiRoute, req: Request, res: Response): Promise<void> {
  if (access.who === 'anyone') {
    countUnauthenticated(gate, req, res);
    return;
  }
  if (access.who === 'credentialOrSession' && !bringsCredential(req)) {
    await admitSession(gate, req, res);
    return;
  }
  const caller = await authenticate(gate, req, res);
  const { credential, user, tenant, policy, secondFactor, duty, actor, roleNames } = caller;
  Object.assign(req.context, { credential, user, tenant, policy, secondFactor, duty, actor, roleNames });
  demandOfCaller(caller, demandOf(access));
}

async function admitSession(gate: Gate, req: Request, res: Response): Promise<void> {
  await gate.readSession(req, res);
  const { principal } = req;
  if (!principal || principal.duty !== null)
    throw new Unauthenticated('invalid_credentials', 'Sign in, or send a credential.', false);
  Object.assign(req.context, principal);
  countSession(gate, req, res);
  if (principal.outside) refuseOutside();
}

// An id that has not the shape of one finds nothing, nor does a name that nobody can have. Its case means nothing (RFC 9562, 4).
function pathParams(req: Request): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.params)) {
    if (typeof value !== 'string' || textProblem(value) !== null || (name === 'id' && !isId(value.toLowerCase())))
      throw new NotFound();
    params[name] = name === 'id' ? value.toLowerCase() : value;
  }
  return params;
}
