import { setTimeout as pause } from 'node:timers/promises';
import type { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import type { RowState } from '#policies/enumerations.js';
import type { Services, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { beginJob, cancelJob } from '#server/features/user-jobs/begin.js';
import { findJob, rowsOf, type ReportRow } from '#server/features/user-jobs/report.js';
import { workForAWhile } from '#server/jobs/people.js';
import { print, printList } from './print.js';

/** How a command goes about a change of many. */
export interface JobOptions {
  dryRun: boolean;
  json: boolean;
}

const AT_ONCE = 500;
const MEANWHILE = 200;
const LABELS: Readonly<Record<RowState, string>> = {
  done: 'done',
  unchanged: 'nothing to do',
  'left-out': 'left out',
  refused: 'refused',
  waiting: 'not done',
};

/**
 * Does what a preview shows, and is there until it is done, whether a running Gatehouse has a hand in it or not; what is
 * stopped half-way goes on with the next start of Gatehouse. A dry run says what would be done, and throws the preview away.
 */
export async function carryOut(
  services: Services,
  context: TenantContext,
  preview: UserJob,
  { dryRun, json }: JobOptions,
): Promise<void> {
  if (dryRun) {
    await report(context, preview.id, { json, all: true, waiting: 'would be done' });
    await cancelJob(context, preview.id);
    return;
  }
  const known = (await UserJobRow.counts(preview.id)).refused;
  await beginJob(context, preview.id);
  let job = await findJob(context, preview.id);
  while (job.state === 'running') {
    if (!(await workForAWhile(services))) await pause(MEANWHILE);
    job = await findJob(context, preview.id);
  }
  const refused = (await report(context, job.id, { json, all: false })).refused - known;
  if (job.state !== 'done') throw new Conflict(job.note ?? 'It was cancelled. What was done by then stays done.');
  if (refused > 0) throw new Conflict(refused === 1 ? 'One was refused.' : `${refused} were refused.`);
}

/** Prints the people of a job: all of them, or those to whom nothing was done. Gives how many there are of each state. */
export async function report(
  context: TenantContext,
  jobId: string,
  { json, all, waiting = LABELS.waiting }: { json: boolean; all: boolean; waiting?: string },
): Promise<Record<RowState, number>> {
  const counts = await UserJobRow.counts(jobId);
  const rows = await everyRow(context, jobId);
  const shown = json || all ? rows : rows.filter(({ state }) => state === 'left-out' || state === 'refused');
  const named = { ...LABELS, waiting };
  if (json || shown.length > 0)
    printList(
      shown.map((row) => lineOf(row, json ? null : named)),
      COLUMNS,
      json,
    );
  if (!json)
    print(
      (Object.keys(named) as RowState[])
        .filter((state) => counts[state] > 0)
        .map((state) => `${counts[state]} ${named[state]}`)
        .join(', ') + '.',
    );
  return counts;
}

const COLUMNS = ['row', 'username', 'name', 'state', 'reason', 'becomes'] as const;

function lineOf({ place, user, state, note, becomes }: ReportRow, named: Record<RowState, string> | null) {
  return {
    row: place,
    username: user?.username ?? null,
    name: user?.name ?? null,
    state: named ? named[state] : state,
    reason: note,
    becomes,
  };
}

async function everyRow(context: TenantContext, jobId: string): Promise<ReportRow[]> {
  const all: ReportRow[] = [];
  for (;;) {
    const rows = await rowsOf(context, jobId, { after: all.at(-1)?.place ?? 0, limit: AT_ONCE });
    all.push(...rows);
    if (rows.length < AT_ONCE) return all;
  }
}
