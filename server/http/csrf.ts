import type { Request, RequestHandler, Response } from 'express';
import { Session } from '#models/session.js';
import type { Services } from '#server/context.js';
import { Forbidden, OutOfDate, SignedOut } from '#server/errors.js';
import { randomPart, randomToken } from '#server/lib/random-token.js';
import { cookieName, readCookie, setCookie } from './cookies.js';
import { subdomainOf } from './host.js';
import { leftSession } from './left-session.js';
import { sentSession } from './session.js';

const VISITOR_COOKIE = 'gatehouse-visitor';
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The token that a form of this request must send back: bound to the session, or for a visitor to a signed cookie set
 * here. To the session's row and not to its changing id: whoever confirms in one tab goes on in another.
 */
export function csrfToken(services: Services, req: Request, res: Response): string {
  if (req.principal) return mask(services.keys.mac('csrf', `session ${req.principal.session.id}`));
  return mask(services.keys.mac('csrf', `form ${visitorOf(services, req, res)}`));
}

/** What tells the forms of this page from those of every other, the same page rendered anew among them; see `sent-form.ts`. */
export function formId(services: Services, req: Request, res: Response): string {
  visitorOf(services, req, res);
  return randomPart(16).toString('base64url');
}

/** What names this very browser, signed in or not: the nonce in its signed cookie, set here where there is none. */
export function visitorOf(services: Services, req: Request, res: Response): string {
  return (req.visitor ??= readVisitor(services, req) ?? newVisitor(services, res));
}

/** Refuses an unsafe request that comes from a page of another site. */
export function ownSiteOnly(services: Services): RequestHandler {
  return (req, _res, next) => {
    if (!SAFE.has(req.method) && !fromOurPage(services, req))
      throw new Forbidden(
        'This request came from another site, so nothing was done. Open the page here and try again.',
      );
    next();
  };
}

/** Refuses an unsafe request without the token that the forms of this session, or of this visitor, are given. */
export function csrfGuard(services: Services): RequestHandler {
  const guard: RequestHandler = async (req, _res, next) => {
    const given = unmask((req.body as Record<string, unknown> | undefined)?.['_csrf']);
    if (given === null || !isGood(services, req, given)) {
      if (!req.principal && (sentSession(services, req) || isOfLeft(services, req, given))) throw new SignedOut(given);
      throw await outOfDate(services, req, given);
    }
    delete (req.body as Record<string, unknown>)['_csrf'];
    next();
  };
  return (req, res, next) => {
    if (!SAFE.has(req.method)) return guard(req, res, next);
    next();
  };
}

async function outOfDate(services: Services, req: Request, given: string | null): Promise<OutOfDate> {
  // What stands in it may be somebody else's, who sat here before: it is not shown.
  if (given !== null && req.principal && isOfVisitor(services, req, given))
    return new OutOfDate(
      'You have signed in meanwhile in another tab, so nothing was done. Open again what you still need.',
      false,
    );
  if (given !== null && !req.principal)
    return new OutOfDate(
      readVisitor(services, req) === null
        ? 'Nothing was done. If this page comes again, let your browser keep cookies of this site: without them nobody can sign in.'
        : 'It belongs to an earlier visit or sign-in, so nothing was done.',
      true,
    );
  if (given !== null && (await isOfSamePerson(services, req, given)))
    return new OutOfDate('It belongs to an earlier sign-in of yours, so nothing was done.', true);
  return new OutOfDate(
    'It was open too long or belongs to another sign-in, so nothing was done. Go back, reload it and try again.',
    false,
  );
}

// Of sessions that have ended, those of the last day are known.
async function isOfSamePerson({ keys }: Services, { principal }: Request, given: string): Promise<boolean> {
  if (!principal) return false;
  const { id: userId, tenantId } = principal.user;
  const sessions = await Session.findAll({
    where: { tenantId, userId },
    attributes: ['id'],
    order: [['createdAt', 'DESC']],
    limit: 50,
  });
  return sessions.some(({ id }) => keys.verifyMac('csrf', `session ${id}`, given));
}

// Sec-Fetch-Site cannot be forged by a page (Fetch Metadata); where a browser is too old for it, the Origin must be ours.
function fromOurPage({ config }: Services, req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = req.headers;
  if (origin === undefined) return false;
  if (origin === config.baseUrl) return true;
  // A page of an organisation's own subdomain sends to that same subdomain, port and all.
  const here = `${new URL(config.baseUrl).protocol}//${(req.headers.host ?? '').toLowerCase()}`;
  return subdomainOf(config, req.hostname) !== null && origin === here;
}

// Another text in each answer: the length of a compressed page would tell one that stays the same, letter by letter (BREACH).
function mask(token: string): string {
  const bytes = Buffer.from(token, 'base64url');
  const made = Buffer.allocUnsafe(2 * bytes.length);
  randomPart(bytes.length).copy(made);
  for (let at = 0; at < bytes.length; at += 1) made[bytes.length + at] = (bytes[at] ?? 0) ^ (made[at] ?? 0);
  return made.toString('base64url');
}

function unmask(given: unknown): string | null {
  if (typeof given !== 'string' || !/^[\w-]{86}$/.test(given)) return null;
  const bytes = Buffer.from(given, 'base64url');
  return xor(bytes.subarray(32), bytes.subarray(0, 32)).toString('base64url');
}

// By a loop: `map` of a Buffer makes another by its constructor, and each page has a token.
function xor(bytes: Buffer, key: Buffer): Buffer {
  const made = Buffer.allocUnsafe(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) made[at] = (bytes[at] ?? 0) ^ (key[at] ?? 0);
  return made;
}

function isGood(services: Services, req: Request, given: string): boolean {
  if (req.principal) return services.keys.verifyMac('csrf', `session ${req.principal.session.id}`, given);
  return isOfVisitor(services, req, given);
}

function isOfVisitor(services: Services, req: Request, given: string): boolean {
  const visitor = readVisitor(services, req);
  return visitor !== null && services.keys.verifyMac('csrf', `form ${visitor}`, given);
}

// Signed out in one tab, its cookie is gone, and the others still have the pages.
function isOfLeft(services: Services, req: Request, given: string | null): boolean {
  const left = leftSession(services, req);
  return given !== null && left !== null && services.keys.verifyMac('csrf', `session ${left}`, given);
}

/** The nonce in the browser's signed cookie; null when it has none, or made it up. */
export function readVisitor(services: Services, req: Request): string | null {
  // A form of a visitor asks for it three times.
  if (req.sentVisitor !== undefined) return req.sentVisitor;
  const [nonce = '', mac = ''] = (readCookie(req, cookieName(services.config, VISITOR_COOKIE)) ?? '').split('.');
  const isOurs = nonce !== '' && services.keys.verifyMac('csrf', `visitor ${nonce}`, mac);
  return (req.sentVisitor = isOurs ? nonce : null);
}

function newVisitor(services: Services, res: Response): string {
  const nonce = randomToken();
  setCookie(res, services.config, VISITOR_COOKIE, `${nonce}.${services.keys.mac('csrf', `visitor ${nonce}`)}`);
  return nonce;
}
