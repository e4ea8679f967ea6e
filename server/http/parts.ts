import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { UserContext } from '#server/context.js';
import type { Demand } from '#server/identity/admission.js';
import { stillAdmitted } from '#server/identity/still-admitted.js';
import { signedIn } from './request.js';

/** Sends a file of a page part by part. */
export async function sendParts(req: Request, res: Response, parts: AsyncIterable<string>): Promise<void> {
  if (!req.demand) throw new Error('This route must demand a sign-in.');
  await sendPartsTo(signedIn(req), req.demand, res, parts);
}

/**
 * Sends a file part by part, each read when the one before has gone. Whoever takes it decides how long that lasts: so
 * what the door asked is asked again before every part, and a file whose reader may not have it any more breaks off.
 */
export async function sendPartsTo(
  context: UserContext,
  demand: Demand,
  res: Response,
  parts: AsyncIterable<string>,
): Promise<void> {
  await pipeline(Readable.from(allowed(context, demand, parts)), res);
}

async function* allowed(context: UserContext, demand: Demand, parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) {
    await stillAdmitted(context, demand);
    yield part;
  }
}
