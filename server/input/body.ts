import { isUtf8 } from 'node:buffer';
import { parse } from 'node:querystring';
import { raw, type Request, type RequestHandler, type Response } from 'express';
import { BadRequest, Unavailable } from '#server/errors.js';
import { createRoom } from '#server/lib/room.js';

export type BodyType = 'json' | 'form';

const TYPES: Readonly<Record<BodyType, readonly string[]>> = {
  json: ['application/json'],
  form: ['application/x-www-form-urlencoded'],
};
const MOST_FIELDS = 100;
// The boxes of a list are apart from that: a person may have 200 roles, by a form as in JSON.
const MOST_BOXES = 250;
const BOX = /^[A-Za-z]*[iI]ds=[0-9a-f-]{36}$/;

const reader = (limit: string): RequestHandler => raw({ type: () => true, limit, inflate: false });
const read: Readonly<Record<BodyType, RequestHandler>> = { json: reader('64kb'), form: reader('32kb') };
// A form whose texts are long.
const readLong = reader('128kb');
// A file of 5 MB, and what stands around it.
const readLarge = reader('5.1mb');
// Each is held in memory until all of it is there: without an end, a few senders could fill that, and without a share
// for each, one who sends slowly could keep everybody's files out. Of twelve an account has three: who presses twice, and again,
// has the answer of the first.
const largeOnes = createRoom(12);

/** The media types that a body of this kind may be of; a partial change may call itself a merge patch (RFC 7396), as which it is read. */
export function typesOf(type: BodyType, method: string): readonly string[] {
  return type === 'json' && method.toLowerCase() === 'patch'
    ? [...TYPES.json, 'application/merge-patch+json']
    : TYPES[type];
}

/** Whether a request has a body at all. */
export function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Reads what was sent, up to its bound and not compressed, whoever sent it and whatever it is. No body is an empty one. */
export async function takeBody(req: Request, res: Response, type: BodyType, long = false): Promise<Buffer> {
  if (!hasBody(req)) return Buffer.alloc(0);
  return bytesOf(long ? readLong : read[type], req, res);
}

/** Whose file it is. */
export type Sender = Readonly<Record<'id' | 'tenantId', string>>;

/** The same for where a file may be sent: up to 5 MB, and of each account and organisation a few at a time. */
export async function takeLargeBody(req: Request, res: Response, { id, tenantId }: Sender): Promise<Buffer> {
  if (!hasBody(req)) return Buffer.alloc(0);
  const leave = largeOnes.enter([tenantId, id]);
  if (leave === null)
    throw new Unavailable('Other files are still on their way. Wait a moment, and send this one again.');
  try {
    return await bytesOf(readLarge, req, res);
  } finally {
    leave();
  }
}

/** What these bytes say; they must be of this type, in UTF-8. */
export function parseBody(req: Request, bytes: Buffer, type: BodyType): unknown {
  if (!hasBody(req)) return {};
  const types = typesOf(type, req.method);
  if (!req.is([...types]))
    throw new BadRequest(`Send the body as ${types.join(' or ')}.`, 415, 'unsupported_media_type');
  if (!isUtf8(bytes)) throw new BadRequest('The body is not UTF-8.');
  // A byte order mark may be passed over (RFC 8259, 8.1); some programs cannot write JSON without one.
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  return type === 'json' ? parseJson(text) : parse(text, '&', '=', { maxKeys: MOST_FIELDS });
}

/** The fields of a form that a page has sent: at most 100 beside the boxes of lists. */
export function parseForm(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  // The parser would put a replacement character where the bytes make no sense, and let the rest pass.
  if (!isUtf8(bytes) || !isWellSpelt(text)) throw new BadRequest('What was sent is malformed. Go back and try again.');
  // One more than there may be, of millions: a file's room holds as many.
  const fields = text.split('&', MOST_FIELDS + MOST_BOXES + 1);
  if (fields.length > MOST_FIELDS + MOST_BOXES || fields.filter((field) => !BOX.test(field)).length > MOST_FIELDS)
    throw new BadRequest('What was sent has too many fields. Send less.', 413, 'too_large');
  return parse(text, '&', '=', { maxKeys: 0 });
}

/** Whether its %-signs spell UTF-8. */
export function isWellSpelt(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

async function bytesOf(reading: RequestHandler, req: Request, res: Response): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    void reading(req, res, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON.', 400, 'malformed_json');
  }
}
