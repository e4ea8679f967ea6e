import type { Request, Response } from 'express';
import { organisationVerdict } from '#server/checkup/organisation.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dayOf } from '#server/http/times.js';
import { DAY } from '#server/lib/clock.js';
import { DAYS, readFigures, type Figures } from './figures.js';

export async function showOverview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const [figures, verdict] = await Promise.all([readFigures(context), organisationVerdict(context)]);
  show(res, 'dashboard/index', {
    title: 'Overview',
    verdict,
    figures,
    chart: figures.signIns && chartOf(figures.signIns, context.user.locale),
    days: DAYS,
  });
}

function chartOf(signIns: NonNullable<Figures['signIns']>, locale: string) {
  const sum = (of: 'succeeded' | 'failed'): number => signIns.reduce((all, day) => all + day[of], 0);
  return {
    columns: signIns.map(({ day, succeeded, failed }) => ({
      label: dayOf(locale, 'UTC', day * DAY),
      values: [succeeded, failed],
      hrefs: ['sign-in.succeeded', 'sign-in.failed'].map((event) => onDay(event, dateOf(day))),
    })),
    succeeded: sum('succeeded'),
    failed: sum('failed'),
    since: dateOf(signIns[0]?.day ?? 0),
  };
}

function onDay(event: string, date: string): string {
  return `/admin/security-log?event=${event}&from=${date}&to=${date}&days=utc`;
}

function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}
