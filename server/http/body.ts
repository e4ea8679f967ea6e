import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { BadRequest } from '#server/errors.js';

const FORM = 'application/x-www-form-urlencoded';
const MOST_FIELDS = 100;
// The boxes of a list are apart from that: a person may have 200 roles, at the API as here.
const MOST_BOXES = 250;
const BOX = /^[A-Za-z]*[iI]ds=[0-9a-f-]{36}$/;

/** Refuses an address over 2 kB, or one whose %-signs do not spell UTF-8: nobody's page makes one. */
export const soundAddress: RequestHandler = (req, _res, next) => {
  if (req.originalUrl.length > 2048) throw new BadRequest('The address is too long.', 414, 'uri_too_long');
  if (!isWellSpelt(req.originalUrl))
    throw new BadRequest('The address is malformed. Check it, or begin at the start page.');
  next();
};

// The parser would put a replacement character where the bytes make no sense, and let the rest pass.
const parse = express.urlencoded({
  extended: false,
  limit: '32kb',
  parameterLimit: MOST_FIELDS + MOST_BOXES,
  inflate: false,
  verify(_req, _res, body: Buffer) {
    const text = body.toString();
    if (!isUtf8(body) || !isWellSpelt(text)) throw new BadRequest('What was sent is malformed. Go back and try again.');
    if (text.split('&').filter((field) => !BOX.test(field)).length > MOST_FIELDS)
      throw new BadRequest('What was sent has too many fields. Send less.', 413, 'too_large');
  },
});

/**
 * Reads the body of a form: urlencoded, at most 32 kB and 100 fields beside the boxes of lists, not compressed. Anything else with a body is a 415.
 * What is wrong with it is said by `soundForm`, once it is known who asks: their page, not a stranger's.
 */
export const formBody: RequestHandler = (req, res, next) => {
  if (!hasBody(req.headers)) {
    next();
    return;
  }
  if (req.method !== 'GET' && req.method !== 'HEAD' && !req.is(FORM)) {
    req.unsoundForm = new BadRequest(`Send forms as ${FORM}.`, 415, 'unsupported_media_type');
    next();
    return;
  }
  parse(req, res, (error?: unknown) => {
    if (error instanceof Error) req.unsoundForm = error;
    next();
  });
};

/** Refuses the form that `formBody` could not take. */
export const soundForm: RequestHandler = (req, _res, next) => next(req.unsoundForm);

function isWellSpelt(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function hasBody(headers: Record<string, unknown>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
