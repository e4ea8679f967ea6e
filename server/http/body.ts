import type { Request, RequestHandler, Response } from 'express';
import { can } from '#policies/can.js';
import type { Services } from '#server/context.js';
import { BadRequest, SignedOut } from '#server/errors.js';
import type { Principal } from '#server/identity/principal.js';
import { hasBody, isWellSpelt, parseForm, takeBody, takeLargeBody, typesOf } from '#server/input/body.js';
import { parseMultipart } from '#server/input/multipart.js';
import type { Route } from './route.js';
import { principalOf, signedSid } from './session.js';

/** Refuses an address over 2 kB, or one whose %-signs do not spell UTF-8: nobody's page makes one. */
export const soundAddress: RequestHandler = (req, _res, next) => {
  if (req.originalUrl.length > 2048) throw new BadRequest('The address is too long.', 414, 'uri_too_long');
  if (!isWellSpelt(req.originalUrl))
    throw new BadRequest('The address is malformed. Check it, or begin at the start page.');
  next();
};

const [FORM = ''] = typesOf('form', 'post');

// The texts of a mail may be 32 kB each.
const LONG = /^\/admin\/notifications\/./;
const FILES = 'multipart/form-data';

/**
 * Reads the body of a form: urlencoded, bounded, not compressed. Anything else with a body is a 415; but at the paths that
 * take a file, a larger one, in parts too. What is wrong with it is said by `soundForm`, once it is known who asks: their
 * page, not a stranger's.
 */
export function formBody(services: Services, takingFiles: readonly Route[]): RequestHandler {
  const read: RequestHandler = async (req, res, next) => {
    const route = takingFiles.find(({ path }) => path === req.path);
    try {
      req.body = await (route ? largeForm(services, req, res, route) : plainForm(services, req, res));
    } catch (error) {
      req.body = undefined;
      req.unsoundForm = error as Error;
    }
    next();
  };
  return (req, res, next) => {
    if (hasBody(req) && req.method !== 'GET' && req.method !== 'HEAD') return read(req, res, next);
    next();
  };
}

async function plainForm(services: Services, req: Request, res: Response): Promise<unknown> {
  if (!req.is(FORM)) throw new BadRequest(`Send forms as ${FORM}.`, 415, 'unsupported_media_type');
  refuseCharset(req);
  if (!LONG.test(req.path)) return parseForm(await takeBody(req, res, 'form'));
  const takeLong = (): Promise<Buffer> => takeBody(req, res, 'form', true);
  return parseForm(await takeFrom(services, req, res, () => true, takeLong));
}

async function largeForm(services: Services, req: Request, res: Response, route: Route): Promise<unknown> {
  const inParts = Boolean(req.is(FILES));
  if (!inParts) refuseCharset(req);
  if (!inParts && !req.is(FORM))
    throw new BadRequest(`Send this form as ${FILES} or ${FORM}.`, 415, 'unsupported_media_type');
  const maySend = ({ outside, duty, actor }: Principal): boolean =>
    !outside && duty === null && (route.access.who !== 'permitted' || can(actor, route.access.permission));
  const takeFile = ({ user }: Principal): Promise<Buffer> => takeLargeBody(req, res, user);
  const bytes = await takeFrom(services, req, res, maySend, takeFile);
  return inParts ? parseMultipart(req.headers['content-type'] ?? '', bytes) : parseForm(bytes);
}

/**
 * More than a form has by rule, of whoever may send it: whose cookie has our signature and whose session is alive. To
 * anybody else the memory for it is not given, whatever their cookie says.
 */
async function takeFrom(
  services: Services,
  req: Request,
  res: Response,
  maySend: (principal: Principal) => boolean,
  takeMore: (principal: Principal) => Promise<Buffer>,
): Promise<Buffer> {
  const sid = signedSid(services, req);
  const principal = sid === null ? null : await principalOf(services, req, sid);
  if (principal && maySend(principal)) return takeMore(principal);
  try {
    return await takeBody(req, res, 'form');
  } catch (error) {
    // Whose session has ended meanwhile is told that, and not that it was too much.
    if (sid === null || principal || (error as { status?: unknown }).status !== 413) throw error;
    res.setHeader('Connection', 'close');
    throw new SignedOut();
  }
}

function refuseCharset(req: Request): void {
  if (!/^utf-?8$/i.test(charsetOf(req.headers['content-type'] ?? '')))
    throw new BadRequest(`Send forms in UTF-8.`, 415, 'unsupported_media_type');
}

/** Refuses the form that `formBody` could not take. */
export const soundForm: RequestHandler = (req, _res, next) => next(req.unsoundForm);

function charsetOf(type: string): string {
  return /;\s*charset="?([^";\s]+)/i.exec(type)?.[1] ?? 'utf-8';
}
