import type { Request, Response } from 'express';
import { BadRequest } from '#server/errors.js';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { exportUsers } from './export.js';
import { filtersIn } from './filters.js';
import { userQuery } from './input.js';

/** What the list finds with the same filters, as a file. A filter that cannot be read must not turn into everybody. */
export async function sendUsers(req: Request, res: Response): Promise<void> {
  const wrong = leftOut(userQuery, req.query);
  if (wrong.length > 0)
    throw new BadRequest(
      `This cannot be asked of the list: ${wrong.join(', ')}. Go back to the list and filter it anew.`,
    );
  const filters = filtersIn(readQuery(userQuery, req.query));
  const begin = () => exportUsers(signedIn(req), filters);
  await sendParts(req, res, { name: 'users.csv', type: 'text/csv', begin });
}
