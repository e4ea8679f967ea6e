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

/** Reads what was sent, up to its bound and not compressed, whoever sent it and whatever it is. No body is an empty one. */
export async function takeBody(req: Request, res: Response, type: keyof typeof TYPES): Promise<Buffer> {
  if (!hasBody(req)) return Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    read[type](req, res, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}

/** What these bytes say; they must be of this type, in UTF-8. */
export function parseBody(req: Request, bytes: Buffer, type: keyof typeof TYPES): unknown {
  if (!hasBody(req)) return {};
  if (!req.is(TYPES[type])) throw new BadRequest(`Send the body as ${TYPES[type]}.`, 415, 'unsupported_media_type');
  if (!isUtf8(bytes)) throw new BadRequest('The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return type === 'json' ? parseJson(text) : parse(text, '&', '=', { maxKeys: MOST_FIELDS });
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON.', 400, 'malformed_json');
  }
}
