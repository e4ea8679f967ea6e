import type { Request, RequestHandler, Response } from 'express';
import type { Services } from '#server/context.js';
import { admit, refuseOutside, type Demand } from '#server/identity/admission.js';
import type { Anyone, Permitted } from '#server/input/access.js';
import { nothing } from '#server/input/kind.js';
import { readForm } from '#server/input/read.js';
import { countEntrancePost } from '#server/identity/address-limit.js';
import { mustProveAgain } from '#server/identity/session.js';
import type { Asking } from './ask-along.js';
import { beginAgain, challengeOf, sentChallenge } from './challenge.js';
import { flashWaits, setFlash } from './flash.js';
import { inTurn } from './in-turn.js';
import { keepForm, takeKeptForm } from './kept-form.js';
import { sentSession } from './session.js';
import { onlyOnce } from './sent-form.js';

/**
 * Who may. A route cannot be made without one.
 * - `anyone`: signed in or not; posts are counted by address
 * - `arriving`: the same, and a post is counted where it is known whose browser it comes from
 * - `signedIn`: a whole sign-in, not in limited mode
 * - `limited`: a sign-in in limited mode too
 * - `withdrawing`: the same, and whose account is about to be deleted
 * - `may(permission)`: signed in, with this permission
 * - `halfSignedIn`: has proven the password and not yet the second factor, and is nobody yet
 * - `halfOrVisitor`: the same, or nobody at all; who is signed in has no business there
 * - `halfOrLimited`: the same, or a sign-in in limited mode too
 */
export type Access =
  | (Anyone & { countsItself?: true })
  | Permitted
  | { who: 'signedIn' | 'limited' | 'withdrawing' | 'halfSignedIn' | 'halfOrVisitor' | 'halfOrLimited' };

export const arriving: Access = { who: 'anyone', countsItself: true };
export const signedInOnly: Access = { who: 'signedIn' };
export const limitedToo: Access = { who: 'limited' };
export const withdrawing: Access = { who: 'withdrawing' };
export const halfSignedIn: Access = { who: 'halfSignedIn' };
export const halfOrVisitor: Access = { who: 'halfOrVisitor' };
export const halfOrLimited: Access = { who: 'halfOrLimited' };

export interface Route extends Asking {
  method: 'get' | 'post';
  path: string;
  access: Access;
  /** Asks to sign in again when the last time was too long ago: always, or for what this is true of. */
  recent: boolean | ((req: Request) => boolean);
  /** Is only a button: it takes no field. */
  bare: boolean;
  /** Takes a file: a body of up to 5 MB, in parts too. */
  takesFile: boolean;
  handler: (req: Request, res: Response) => void | Promise<void>;
}

type Handler = Route['handler'];
const USUAL = { recent: false, bare: false, takesFile: false };
const routeOf =
  (method: Route['method']) =>
  (path: string, access: Access, handler: Handler): Route => ({ ...USUAL, method, path, access, handler });

export const get = routeOf('get');
export const post = routeOf('post');

/** A post of what is only a button: it takes no field. */
export const button: typeof post = (path, access, handler) => ({
  ...post(path, access, async (req, res) => {
    readForm(nothing, req.body);
    await handler(req, res);
  }),
  bare: true,
});

/** The same route, open only to who has authenticated within the policy's step-up minutes. */
export const recently = (route: Route): Route => ({ ...route, recent: true });
/** The same route, to which a file may be sent. It names no id. */
export const takingFile = (route: Route): Route => ({ ...route, takesFile: true });

/** The same for those forms alone that are `sensitive`, and whatever has been kept: what that holds is not seen yet. */
export const recentlyFor = (route: Route, sensitive: (req: Request) => boolean): Route => ({
  ...route,
  recent: (req) => (req.body as Record<string, unknown> | undefined)?.['_kept'] !== undefined || sensitive(req),
});

/** What answers each route: its guard, and its handler behind that. */
export function routeHandlers(services: Services, routes: readonly Route[]): Map<Route, RequestHandler> {
  const once = ({ method, handler }: Route): Handler =>
    method === 'post' ? onlyOnce(services, withKeptForm(services, handler)) : handler;
  return new Map(routes.map((one) => [one, inTurn(guard(services, one), once(one) as RequestHandler)]));
}

function guard(services: Services, route: Route): RequestHandler {
  const { access } = route;
  return async (req, res, next) => {
    const { context } = req;
    if (access.who === 'anyone') {
      // Whoever sends it: an account of one's own must not buy more guesses at others'.
      if (route.method === 'post' && !access.countsItself) await countEntrancePost(services, context.ip);
      next();
      return;
    }
    if (access.who === 'halfSignedIn' || access.who === 'halfOrVisitor' || access.who === 'halfOrLimited') {
      const half = await challengeOf(services, req);
      if (half) {
        if (half.outside && !isLeaving(route)) refuseOutside();
        if (route.method === 'post' && half.challenge.newBrowser) await countEntrancePost(services, context.ip);
        req.halfSignedIn = half;
        next();
        return;
      }
      if (access.who === 'halfOrVisitor' && !context.user && !sentChallenge(services, req)) {
        if (route.method === 'post') await countEntrancePost(services, context.ip);
        next();
        return;
      }
      if (access.who !== 'halfOrLimited' || !context.user) {
        beginAgain(services, req, res);
        return;
      }
    }
    if (!req.principal || !context.user || !context.session) {
      if (route.method === 'get' && sentSession(services, req) && !flashWaits(services, req)) {
        setFlash(
          services,
          res,
          'You have been signed out: the session was ended, or was not used for a while. Sign in to go on.',
          'warning',
        );
      }
      res.redirect(303, `/login${route.method === 'get' ? nextOf(req) : ''}`);
      return;
    }
    req.demand = demandOf(route);
    admit(req.principal, req.demand);
    const recent = typeof route.recent === 'function' ? route.recent(req) : route.recent;
    if (recent && mustProveAgain(context, context.session)) {
      const back = route.method === 'get' ? nextOf(req).slice(1) : `kept=${await keepForm(req)}`;
      res.redirect(303, `/confirm?${back}`);
      return;
    }
    next();
  };
}

// What the route asks of who is signed in; the write behind it asks again.
function demandOf(route: Route): Demand {
  const { access } = route;
  if (isLeaving(route)) return 'leaving';
  if (access.who === 'permitted') return access.permission;
  if (access.who === 'withdrawing') return 'withdrawal';
  return access.who === 'limited' || access.who === 'halfOrLimited' ? 'duty' : 'own';
}

// Signing out is open from everywhere.
function isLeaving({ path }: Route): boolean {
  return path === '/logout';
}

// Where to go on after signing in; an address so long that ours would be too long with it is left out.
function nextOf(req: Request): string {
  const next = encodeURIComponent(req.originalUrl);
  return req.originalUrl === '/' || next.length > 1500 ? '' : `?next=${next}`;
}

// A form that waited on the server for its sender to confirm comes back as the one field `_kept`. Only who has taken the
// form asks for it: whoever sends it again waits for that answer.
function withKeptForm(services: Services, handler: Handler): Handler {
  return async (req, res) => {
    const kept = (req.body as Record<string, unknown> | undefined)?.['_kept'];
    if (req.context.session && kept !== undefined) {
      const fields = await takeKeptForm(req, kept);
      if (!fields) {
        setFlash(services, res, 'What you had sent has waited too long. Enter it again.', 'warning');
        res.redirect(303, '/');
        return;
      }
      req.body = fields;
    }
    await handler(req, res);
  };
}
