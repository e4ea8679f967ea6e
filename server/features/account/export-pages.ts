import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { signedIn } from '#server/http/request.js';
import { exportOwnData } from './export.js';

/** All that is kept of whoever asks, as a file. */
export async function download(req: Request, res: Response): Promise<void> {
  const parts = await exportOwnData(signedIn(req));
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Disposition', 'attachment; filename="my-data.json"');
  await pipeline(Readable.from(parts), res);
}
