import type { Request, Response } from 'express';
import { BadRequest } from '#server/errors.js';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { exportCredentials } from './export.js';
import { credentialQuery } from './input.js';

/** What the list finds with the same filters, as a file. A filter that cannot be read must not turn into all there are. */
export async function sendCredentials(req: Request, res: Response): Promise<void> {
  const wrong = leftOut(credentialQuery, req.query);
  if (wrong.length > 0)
    throw new BadRequest(
      `This cannot be asked of the list: ${wrong.join(', ')}. Go back to the list and filter it anew.`,
    );
  const { cursor: _, ...filters } = readQuery(credentialQuery, req.query);
  const begin = () => exportCredentials(signedIn(req), filters);
  await sendParts(req, res, { name: 'credentials.csv', type: 'text/csv', begin });
}
