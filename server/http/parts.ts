import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { stillAdmitted } from '#server/identity/still-admitted.js';
import { signedIn } from './request.js';

/**
 * Sends a file part by part, each read when the one before has gone. Whoever takes it decides how long that lasts: so
 * what the route asked is asked again before every part, and a file whose reader may not have it any more breaks off.
 */
export async function sendParts(req: Request, res: Response, parts: AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(allowed(req, parts)), res);
}

async function* allowed(req: Request, parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) {
    if (!req.demand) throw new Error('This route must demand a sign-in.');
    await stillAdmitted(signedIn(req), req.demand);
    yield part;
  }
}
