import type { Request, Response } from 'express';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { exportOwnData, FILE_NAME } from './export.js';

/** All that is kept of whoever asks, as a file. */
export async function download(req: Request, res: Response): Promise<void> {
  const begin = () => exportOwnData(signedIn(req));
  await sendParts(req, res, { name: FILE_NAME, type: 'application/json', begin });
}
