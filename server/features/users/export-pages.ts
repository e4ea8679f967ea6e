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
  const file = await exportUsers(signedIn(req), filtersIn(readQuery(userQuery, req.query)));
  res.type('text/csv; charset=utf-8').attachment('users.csv');
  await sendParts(req, res, file);
}
