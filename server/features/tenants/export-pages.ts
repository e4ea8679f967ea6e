import type { Request, Response } from 'express';
import { pathId } from '#server/http/form.js';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { exportTenant } from './export.js';

/** Everything that is kept of the organisation, as a file. */
export async function download(req: Request, res: Response): Promise<void> {
  const { name, begin } = await exportTenant(signedIn(req), pathId(req));
  await sendParts(req, res, { name, type: 'application/json', begin });
}
