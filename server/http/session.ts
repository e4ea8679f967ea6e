import { createHmac } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Services } from '#server/context.js';
import { MINUTE } from '#server/lib/clock.js';
import { sameText } from '#server/lib/keyring.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { readerFor } from './ask-along.js';
import { clearCookie, cookieName, cookieOptions, readCookie } from './cookies.js';
import { noteLeftSession } from './left-session.js';
import { readPrincipal, type Principal } from '#server/identity/principal.js';

export const SESSION_COOKIE = 'gatehouse';
const TOUCH_EVERY = MINUTE;
const ESCAPED = /%(?:3A|2B|2F)/gi;
// Of requests at once one writes.
const SEEN = `UPDATE sessions SET last_seen_at = $1, ip = $2
WHERE id = $3 AND ended_at IS NULL AND last_seen_at <= $4 RETURNING id`;

/**
 * express-session makes the cookie and signs it; the rows belong to the actions. So it is asked only where somebody gets
 * another cookie, and its store keeps nothing: a request in flight cannot bring an ended session back.
 */
class EmptyStore extends session.Store {
  override get(_sid: string, callback: (error: unknown, loaded?: null) => void): void {
    callback(null, null);
  }

  override set(_sid: string, _data: session.SessionData, callback?: (error?: unknown) => void): void {
    callback?.();
  }

  override destroy(_sid: string, callback?: (error?: unknown) => void): void {
    callback?.();
  }

  override regenerate(req: Request, callback: (error?: unknown) => void): void {
    this.generate(req);
    callback();
  }
  declare generate: (req: Request) => void;
}

const makers = new WeakMap<Services, RequestHandler>();

function makerOf(services: Services): RequestHandler {
  const { config, keys } = services;
  let maker = makers.get(services);
  if (!maker) {
    maker = session({
      name: cookieName(config, SESSION_COOKIE),
      secret: keys.cookieSecrets(),
      store: new EmptyStore(),
      genid: (req) => req.nextSid ?? randomToken(),
      cookie: cookieOptions(config),
      resave: false,
      saveUninitialized: false,
      rolling: false,
    });
    makers.set(services, maker);
  }
  return maker;
}

/** Reads the session of a request from its cookie. Visitors get no cookie and no row. */
export function sessions(services: Services): RequestHandler {
  return async (req, _res, next) => {
    const sid = signedSid(services, req);
    const principal =
      sid === null
        ? null
        : await principalOf(
            services,
            req,
            sid,
            readerFor(services, req, (along) => (req.along = along)),
          );
    if (principal) req.principal = principal;
    next();
  };
}

/** The same for a request that did not come by the pages: reads its session, and notes that it was seen. */
export function sessionReader(services: Services): (req: Request, res: Response) => Promise<void> {
  const read = sessions(services);
  const touch = touchSession(services);
  return async (req, res) => {
    await ran(read, req, res);
    await ran(touch, req, res);
  };
}

function ran(handler: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown): void => (error instanceof Error ? reject(error) : resolve());
    void Promise.resolve(handler(req, res, done)).catch(reject);
  });
}

/** Notes that the session was seen, at most once a minute. */
export function touchSession(services: Services): RequestHandler {
  return (req, _res, next) => {
    const { principal } = req;
    // When it was asked, as the page that answers counts from: a later time would be one to come.
    const { now } = req.context;
    if (!principal || now - principal.session.lastSeenAt < TOUCH_EVERY) {
      next();
      return;
    }
    const bind = [now, req.context.ip ?? '', principal.session.id, now - TOUCH_EVERY];
    // What was read along has it as it was last seen before.
    delete req.along;
    return services.database.write(SEEN, bind).then(() => next());
  };
}

/** Puts the id of the session that an action has just made, or given a new id, into the cookie. Wait for it before answering. */
export async function adoptSession(req: Request, sid: string): Promise<void> {
  req.nextSid = sid;
  const { res } = req;
  if (!res) throw new Error('There is no answer to put a cookie into.');
  await ran(makerOf(req.context.services), req, res);
  await new Promise<void>((resolve, reject) => {
    req.session.regenerate((error: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  req.session.started = true;
  await new Promise<void>((resolve, reject) => {
    req.session.save((error: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
}

/** Whether the browser still believes to be signed in: it has sent the cookie of a session, alive or not. */
export function sentSession(services: Services, req: Request): boolean {
  return readCookie(req, cookieName(services.config, SESSION_COOKIE)) !== null;
}

/** The id in that cookie, as the browser has it: whether it was ever ours is for who asks to find out. */
export function sentSid(services: Services, req: Request): string | null {
  const cookie = readCookie(req, cookieName(services.config, SESSION_COOKIE));
  return /^s(?::|%3A)([\w-]+)\./i.exec(cookie ?? '')?.[1] ?? null;
}

/** The same id where its signature is ours, as express-session makes it: only that is worth a look into the database. */
export function signedSid(services: Services, req: Request): string | null {
  const sid = sentSid(services, req);
  const sent = (readCookie(req, cookieName(services.config, SESSION_COOKIE)) ?? '').replace(
    ESCAPED,
    decodeURIComponent,
  );
  const isOurs = (secret: string): boolean => {
    const signature = createHmac('sha256', secret)
      .update(sid ?? '')
      .digest('base64');
    return sameText(sent, `s:${sid}.${signature.replace(/=+$/, '')}`);
  };
  return sid !== null && services.keys.cookieSecrets().some(isOurs) ? sid : null;
}

/** Whose live session has this id, read before the body of a request is. */
export function principalOf(
  { database, clock }: Services,
  req: Request,
  sid: string,
  read = database.readTogether,
): Promise<Principal | null> {
  return readPrincipal(read, hashToken(sid), { now: clock.now(), ip: req.context.ip });
}

/** Takes the cookie back, when the session has been ended. */
export function dropSession(services: Services, res: Response): void {
  const { principal } = res.req;
  if (principal) noteLeftSession(services, res, principal.session.id);
  clearCookie(res, services.config, SESSION_COOKIE);
}
