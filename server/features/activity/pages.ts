import type { Request, Response } from 'express';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dayOf } from '#server/http/times.js';
import { listActivity } from './actions.js';
import { activityQuery } from './input.js';

const PAGE = 50;

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { before } = readQuery(activityQuery, req.query);
  const found = await listActivity(context, PAGE + 1, before);
  const activity = found.slice(0, PAGE);
  const next = found.length > PAGE ? `/security/activity?before=${activity.at(-1)?.seq ?? 1}` : null;
  const { locale, timeZone } = context.user;
  const day = (at: number): string => dayOf(locale, timeZone, at);
  const days = [...new Set(activity.map(({ at }) => day(at)))].map((one) => ({
    day: one,
    activity: activity.filter(({ at }) => day(at) === one),
  }));
  show(res, 'activity/index', { title: 'Recent activity', activity, days, next });
}
