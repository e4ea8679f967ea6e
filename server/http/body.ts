import type { Request, RequestHandler, Response } from 'express';
import type { Services } from '#server/context.js';
import { BadRequest } from '#server/errors.js';
import { hasBody, isWellSpelt, parseForm, takeBody, takeLargeBody, typesOf } from '#server/input/body.js';
import { parseMultipart } from '#server/input/multipart.js';
import { sentSid } from './session.js';

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
export function formBody(services: Services, takingFiles: ReadonlySet<string>): RequestHandler {
  return async (req, res, next) => {
    if (!hasBody(req) || req.method === 'GET' || req.method === 'HEAD') {
      next();
      return;
    }
    try {
      req.body = await (takingFiles.has(req.path) ? largeForm(services, req, res) : plainForm(services, req, res));
    } catch (error) {
      req.body = undefined;
      req.unsoundForm = error as Error;
    }
    next();
  };
}

async function plainForm(services: Services, req: Request, res: Response): Promise<unknown> {
  if (!req.is(FORM)) throw new BadRequest(`Send forms as ${FORM}.`, 415, 'unsupported_media_type');
  refuseCharset(req);
  const long = LONG.test(req.path) && sentSid(services, req) !== null;
  return parseForm(await takeBody(req, res, 'form', long));
}

// Only from a browser in which somebody has been signed in: a stranger is not given the memory for it.
async function largeForm(services: Services, req: Request, res: Response): Promise<unknown> {
  const inParts = Boolean(req.is(FILES));
  if (!inParts) refuseCharset(req);
  if (!inParts && !req.is(FORM))
    throw new BadRequest(`Send this form as ${FILES} or ${FORM}.`, 415, 'unsupported_media_type');
  const bytes = await (sentSid(services, req) === null ? takeBody(req, res, 'form') : takeLargeBody(req, res));
  return inParts ? parseMultipart(req.headers['content-type'] ?? '', bytes) : parseForm(bytes);
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
