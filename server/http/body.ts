import type { RequestHandler } from 'express';
import { BadRequest } from '#server/errors.js';
import { hasBody, isWellSpelt, parseForm, takeBody, typesOf } from '#server/input/body.js';

/** Refuses an address over 2 kB, or one whose %-signs do not spell UTF-8: nobody's page makes one. */
export const soundAddress: RequestHandler = (req, _res, next) => {
  if (req.originalUrl.length > 2048) throw new BadRequest('The address is too long.', 414, 'uri_too_long');
  if (!isWellSpelt(req.originalUrl))
    throw new BadRequest('The address is malformed. Check it, or begin at the start page.');
  next();
};

const [FORM = ''] = typesOf('form', 'post');

/**
 * Reads the body of a form: urlencoded, bounded, not compressed. Anything else with a body is a 415.
 * What is wrong with it is said by `soundForm`, once it is known who asks: their page, not a stranger's.
 */
export const formBody: RequestHandler = async (req, res, next) => {
  if (!hasBody(req) || req.method === 'GET' || req.method === 'HEAD') {
    next();
    return;
  }
  try {
    if (!req.is(FORM)) throw new BadRequest(`Send forms as ${FORM}.`, 415, 'unsupported_media_type');
    if (!/^utf-?8$/i.test(charsetOf(req.headers['content-type'] ?? '')))
      throw new BadRequest(`Send forms in UTF-8.`, 415, 'unsupported_media_type');
    req.body = parseForm(await takeBody(req, res, 'form'));
  } catch (error) {
    req.body = undefined;
    req.unsoundForm = error as Error;
  }
  next();
};

/** Refuses the form that `formBody` could not take. */
export const soundForm: RequestHandler = (req, _res, next) => next(req.unsoundForm);

function charsetOf(type: string): string {
  return /;\s*charset="?([^";\s]+)/i.exec(type)?.[1] ?? 'utf-8';
}
