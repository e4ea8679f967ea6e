import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { UserContext } from '#server/context.js';
import type { Demand } from '#server/identity/admission.js';
import { stillAdmitted } from '#server/identity/still-admitted.js';
import { signedIn } from './request.js';

/** A file that is sent part by part. */
export interface FileInParts {
  name: string;
  /** Its media type; the text is UTF-8. */
  type: string;
  /** Begins it. That a file was taken may be noted here: it is asked only where the file goes out. */
  begin: () => Promise<AsyncIterable<string>> | AsyncIterable<string>;
}

/** Sends a file of a page part by part. */
export async function sendParts(req: Request, res: Response, file: FileInParts): Promise<void> {
  if (!req.demand) throw new Error('This route must demand a sign-in.');
  await sendPartsTo(signedIn(req), req.demand, res, file);
}

/**
 * Sends a file part by part, each read when the one before has gone. Whoever takes it decides how long that lasts: so
 * what the door asked is asked again before every part, and a file whose reader may not have it any more breaks off. Who
 * asks for its head alone takes nothing, and nothing is begun.
 */
export async function sendPartsTo(
  context: UserContext,
  demand: Demand,
  res: Response,
  { name, type, begin }: FileInParts,
): Promise<void> {
  const parts = res.req.method === 'HEAD' ? null : await begin();
  res.attachment(name).setHeader('Content-Type', `${type}; charset=utf-8`);
  if (parts === null) res.end();
  else await pipeline(Readable.from(allowed(context, demand, parts)), res).catch(unlessHungUp);
}

// Who breaks a download off, or loses the line, is no fault of ours: the log of requests has it.
const HUNG_UP = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE', 'ERR_STREAM_DESTROYED']);

function unlessHungUp(error: unknown): void {
  if (!HUNG_UP.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
}

async function* allowed(context: UserContext, demand: Demand, parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) {
    await stillAdmitted(context, demand);
    yield part;
  }
  // What a file is read from may go together with the right to it: then it ends before its time.
  await stillAdmitted(context, demand);
}
