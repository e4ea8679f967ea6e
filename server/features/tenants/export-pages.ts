import type { Request, Response } from 'express';
import { pathId } from '#server/http/form.js';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { exportTenant } from './export.js';

/** Everything that is kept of the organisation, as a file. */
export async function download(req: Request, res: Response): Promise<void> {
  const { slug, parts } = await exportTenant(signedIn(req), pathId(req));
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Disposition', `attachment; filename="${slug}.json"`);
  await sendParts(req, res, parts);
}
