import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { countByState, newestEvents } from './actions.js';

const NEWEST = 8;

export async function showOverview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const [numbers, events] = await Promise.all([countByState(context), newestEvents(context, NEWEST)]);
  show(res, 'dashboard/index', { title: 'Overview', numbers, events, mayReadLog: can(context.actor, 'log:read') });
}
