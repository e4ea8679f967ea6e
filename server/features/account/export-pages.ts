import type { Request, Response } from 'express';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { exportOwnData, FILE_NAME } from './export.js';

/** All that is kept of whoever asks, as a file. */
export async function download(req: Request, res: Response): Promise<void> {
  const parts = await exportOwnData(signedIn(req));
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Disposition', `attachment; filename="${FILE_NAME}"`);
  await sendParts(req, res, parts);
}
