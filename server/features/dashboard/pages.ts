import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { verdictOf } from '#server/checkup/finding.js';
import { checkOrganisation } from '#server/checkup/organisation.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { countByState, newestEvents } from './actions.js';

const NEWEST = 8;

export async function showOverview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const [numbers, events, findings] = await Promise.all([
    countByState(context),
    newestEvents(context, NEWEST),
    checkOrganisation(context),
  ]);
  const verdict = verdictOf(findings);
  show(res, 'dashboard/index', {
    title: 'Overview',
    verdict,
    numbers,
    events,
    mayReadLog: can(context.actor, 'log:read'),
  });
}
