import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';

export type Encoding = 'br' | 'gzip';

export const JSON_TYPE = 'application/json; charset=utf-8';

// Below this the bytes saved are not worth the work.
const WORTH_IT = 1024;
const BROTLI = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 4,
  },
};

/** The better of our two encodings that whoever asks takes; null when neither. */
export function acceptedEncoding(req: Request): Encoding | null {
  if (req.headers['accept-encoding'] === undefined) return null;
  return req.acceptsEncodings('br') ? 'br' : req.acceptsEncodings('gzip') ? 'gzip' : null;
}

/**
 * Whether the length of this page may be let be seen. It tells what is in the page twice (BREACH), to whoever can make a
 * browser ask for it with words of theirs: so not with a secret in it, and not when another site asks.
 */
export function mayCompress(req: Request, html: string): boolean {
  const site = req.headers['sec-fetch-site'];
  return site !== 'cross-site' && site !== 'same-site' && !html.includes('data-secret=');
}

/** Sends a text of this type, in UTF-8; compressed where the browser takes it, it is worth it, and it may be. */
export function sendText(res: Response, type: string, text: string, may?: typeof mayCompress): void {
  const taken = text.length >= WORTH_IT ? acceptedEncoding(res.req) : null;
  const encoding = taken !== null && may && !may(res.req, text) ? null : taken;
  res.setHeader('Content-Type', type);
  if (res.hasHeader('Vary')) res.vary('Accept-Encoding');
  else res.setHeader('Vary', 'Accept-Encoding');
  if (encoding === null) {
    // What is short goes out in one piece with its head.
    sendWhole(res, text.length < WORTH_IT ? text : bytesOf(text));
    return;
  }
  res.setHeader('Content-Encoding', encoding);
  // At once and not aside: a third of a millisecond is less than the way to another thread and back.
  sendWhole(res, encoding === 'br' ? brotliCompressSync(text, BROTLI) : gzipSync(text, { level: 4 }));
}

const DRAFT = Buffer.allocUnsafeSlow(192 * 1024);
/** A character of a text takes three bytes at the most: two that stand for one take four. */
const MOST_BYTES = 3;

// How many bytes a text takes is known when they are written. To count them first costs as much as to write them.
function bytesOf(text: string): Buffer {
  if (text.length * MOST_BYTES > DRAFT.length) return Buffer.from(text);
  return Buffer.from(DRAFT.subarray(0, DRAFT.write(text)));
}

// `res.send` takes the type apart and puts it together again. Where it decides anything, it is asked.
function sendWhole(res: Response, body: string | Buffer): void {
  const { method, headers } = res.req;
  if (method === 'HEAD' || headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined) {
    res.send(body);
    return;
  }
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
