import type { Request, Response } from 'express';
import { z } from 'zod';
import { whole } from '#server/http/fields.js';
import { readQuery } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { listActivity } from './actions.js';

const PAGE = 50;
const query = z.object({ before: whole(1, 999_999_999).optional() });

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { before } = readQuery(query, req.query);
  const found = await listActivity(context, PAGE + 1, before);
  const activity = found.slice(0, PAGE);
  const next = found.length > PAGE ? `/security/activity?before=${activity.at(-1)?.seq ?? 1}` : null;
  show(res, 'activity/index', { title: 'Recent activity', activity, next });
}
