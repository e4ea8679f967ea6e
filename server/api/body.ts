import { isUtf8 } from 'node:buffer';
import { parse } from 'node:querystring';
import { raw, type Request, type RequestHandler, type Response } from 'express';
import { BadRequest } from '#server/errors.js';

const TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;
const MOST_FIELDS = 100;

const read: Readonly<Record<keyof typeof TYPES, RequestHandler>> = {
  json: raw({ type: () => true, limit: '64kb', inflate: false }),
  form: raw({ type: () => true, limit: '32kb', inflate: false }),
};

/** Reads the body of a request, which must be of this type, in UTF-8 and not compressed. No body is an empty one. */
export async function readBody(req: Request, res: Response, type: keyof typeof TYPES): Promise<unknown> {
  const sent = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (!sent) return {};
  if (!req.is(TYPES[type])) throw new BadRequest(`Send the body as ${TYPES[type]}.`, 415, 'unsupported_media_type');
  await new Promise<void>((resolve, reject) => {
    read[type](req, res, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  const bytes = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  if (!isUtf8(bytes)) throw new BadRequest('The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return type === 'json' ? parseJson(text) : parse(text, '&', '=', { maxKeys: MOST_FIELDS });
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON.', 400, 'malformed_json');
  }
}
