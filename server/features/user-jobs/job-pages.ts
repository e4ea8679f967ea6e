import type { Request, Response } from 'express';
import { Role } from '#models/role.js';
import type { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import type { RowState } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import { Forbidden } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { searchOf } from '#server/http/search.js';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { cancelJob } from './begin.js';
import { jobQuery } from './input.js';
import { IMPORT, kindOf } from '#policies/bulk-actions.js';
import { beginnerOf, countNew, findJob, listJobs, reportCsv, rowsOf } from './report.js';

const PAGE = 100;
const LONG = 10;
const HOME = '/admin/users/bulk';

/** The jobs of the last 30 days, newest first. */
export async function showJobs(req: Request, res: Response): Promise<void> {
  const { finds, filters } = searchOf(req, { action: HOME, label: 'Changes', search: 'What was done, or by whom' });
  const jobs = await listJobs(signedIn(req));
  show(res, 'user-jobs/index', {
    title: 'Changes of many users',
    filters,
    jobs: jobs
      .map(({ job, counts, by }) => ({
        ...{ id: job.id, label: kindOf(job.action).label, state: job.state, reason: job.reason },
        ...{ counts, by, at: job.begunAt },
      }))
      .filter(({ label, state, reason, by }) => finds(label, state, reason, by)),
  });
}

/** How far a job is, or its preview, or what has come of it; reload it as often as you like. */
export async function showJob(req: Request, res: Response): Promise<void> {
  await showJobOf(req, res, await findJob(signedIn(req), pathId(req)));
}

/** The page of a job that has been found. */
export async function showJobOf(req: Request, res: Response, job: UserJob): Promise<void> {
  const context = signedIn(req);
  // Also where a form answers with it: what each was and becomes is told to who may see users.
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const query = readQuery(jobQuery, req.query);
  const importing = job.action === IMPORT.name;
  const [counts, rows, by, role, added] = await Promise.all([
    UserJobRow.counts(job.id),
    rowsOf(context, job.id, { ...query, limit: PAGE + 1 }),
    beginnerOf(job),
    job.roleId === null ? null : Role.findOne({ where: { tenantId: job.tenantId, id: job.roleId } }),
    importing && job.state === 'preview' ? countNew(context, job.id) : 0,
  ]);
  const shown = rows.slice(0, PAGE);
  const own = job.begunBy === context.actor.id;
  const path = `${HOME}/${job.id}`;
  const same = query.show === undefined ? '' : `show=${query.show}&`;
  show(res, job.state === 'preview' ? 'user-jobs/preview' : 'user-jobs/job', {
    title: kindOf(job.action).label,
    ...{ path, what: kindOf(job.action).label, role: role?.name ?? null, counts, by, rows: shown },
    job: {
      id: job.id,
      action: job.action,
      state: job.state,
      note: job.note,
      reason: job.reason,
      begunAt: job.begunAt,
      endedAt: job.endedAt,
    },
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
    ...{ importing, added },
    chosen: query.show ?? null,
    label: 'Results',
    tabs: tabsOf(path, query.show, counts, job.state === 'running'),
    more: rows.length > PAGE ? `${path}?${same}after=${shown.at(-1)?.place ?? 0}` : null,
    first: query.after > 0 ? `${path}?${same}` : null,
    mayBegin: own && counts.waiting > 0 && can(context.actor, kindOf(job.action).permission),
    // Below so many rows nobody sees the button at their end.
    long: shown.length > LONG,
    mayCancel: can(context.actor, 'users:write'),
  });
}

function tabsOf(path: string, chosen: RowState | undefined, counts: Record<RowState, number>, running: boolean) {
  const labels: Record<RowState, string> = {
    done: 'Done',
    unchanged: 'Nothing to do',
    'left-out': 'Left out',
    refused: 'Refused',
    waiting: running ? 'Waiting' : 'Not done',
  };
  const states = (Object.keys(labels) as RowState[]).filter((state) => counts[state] > 0 || state === chosen);
  return [
    { label: 'Everybody', href: path, current: chosen === undefined },
    ...states.map((state) => ({
      label: labels[state],
      href: `${path}?show=${state}`,
      current: chosen === state,
      count: counts[state],
    })),
  ];
}

/** The same row by row, to keep. */
export async function sendReport(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const job = await findJob(context, pathId(req));
  const name = `${job.action}-${job.id}.csv`;
  await sendParts(req, res, { name, type: 'text/csv', begin: () => reportCsv(context, job) });
}

export async function cancel(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const { state } = await findJob(context, id);
  await cancelJob(context, id);
  setFlash(
    context.services,
    res,
    state === 'preview' ? 'Nothing was done.' : 'Cancelled. What was done by then stays done.',
  );
  res.redirect(303, state === 'preview' ? '/admin/users' : `${HOME}/${id}`);
}
