import { Op } from 'sequelize';
import type { Row } from '#models/database.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import type { RowState } from '#policies/enumerations.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { csvHeadings, csvRows } from '#server/lib/csv.js';
import { becomes, keptRow } from './import-kept.js';

/** One person of a job, with the name that they have now, or else that the file has; without one who has been removed. */
export interface ReportRow {
  place: number;
  state: RowState;
  note: string | null;
  /** Null for who is not there: not made yet, never made, or removed. */
  userId: string | null;
  user: { name: string; username: string; email: string } | null;
  /** What a file makes of them, line by line. */
  becomes: string[];
}

const AT_ONCE = 500;
const READ = `SELECT r.place, r.state, r.note, r.user_id, r.input, u.name, u.username, u.email FROM user_job_rows r
LEFT JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
WHERE r.tenant_id = $1 AND r.job_id = $2 AND r.place > $3`;

const NEW = `SELECT COUNT(*) AS found FROM user_job_rows r WHERE r.tenant_id = $1 AND r.job_id = $2 AND r.state = 'waiting'
AND NOT EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = r.tenant_id AND u.id = r.user_id)`;

/** A job of the tenant; another's is not found. */
export async function findJob({ tenant }: TenantContext, id: string): Promise<UserJob> {
  const job = await UserJob.findOne({ where: { tenantId: tenant.id, id } });
  if (!job) throw new NotFound();
  return job;
}

/** The newest jobs that were begun, with who began each, and how far it is. */
export async function listJobs({ tenant }: TenantContext) {
  const jobs = await UserJob.findAll({
    where: { tenantId: tenant.id, begunAt: { [Op.ne]: null } },
    order: [['createdAt', 'DESC']],
    limit: 50,
  });
  return Promise.all(
    jobs.map(async (job) => ({ job, counts: await UserJobRow.counts(job.id), by: await beginnerOf(job) })),
  );
}

/** Those that were begun, newest first, from behind one on; and the id of the last, where there are more. */
export async function followJobs(
  { tenant }: TenantContext,
  limit: number,
  after: string | null,
): Promise<{ jobs: UserJob[]; next: string | null }> {
  const where = {
    tenantId: tenant.id,
    begunAt: { [Op.ne]: null },
    ...(after === null ? {} : { id: { [Op.lt]: after } }),
  };
  const jobs = await UserJob.findAll({ where, order: [['id', 'DESC']], limit: limit + 1 });
  const shown = jobs.slice(0, limit);
  return { jobs: shown, next: jobs.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/** The name of who began a job, as it is now. */
export async function beginnerOf({ tenantId, begunBy }: UserJob): Promise<string> {
  if (begunBy === null) return 'the command line';
  const user = await User.findOne({ where: { tenantId, id: begunBy }, attributes: ['name'] });
  return user?.name ?? 'somebody who has been removed';
}

/** The rows of a job from a place on, or those of one state. */
export async function rowsOf(
  { services, tenant }: TenantContext,
  jobId: string,
  { after, limit, show }: { after: number; limit: number; show?: RowState | undefined },
): Promise<ReportRow[]> {
  const bind = [tenant.id, jobId, after, limit];
  const rows = await services.database.read(
    show === undefined ? `${READ} ORDER BY r.place LIMIT $4` : `${READ} AND r.state = $5 ORDER BY r.place LIMIT $4`,
    show === undefined ? bind : [...bind, show],
  );
  return rows.map(reportRow);
}

function reportRow(row: Row): ReportRow {
  const { name, username, email } = row;
  const kept = keptRow(row['input'] as string | null);
  const isHere = username !== null;
  return {
    place: Number(row['place']),
    state: row['state'] as RowState,
    note: row['note'] as string | null,
    userId: isHere ? String(row['user_id']) : null,
    user: isHere ? { name: String(name), username: String(username), email: String(email) } : (kept?.who ?? null),
    becomes: becomes(kept?.intended ?? null),
  };
}

/** How many of those whom a preview would still do something to are not there yet. */
export async function countNew({ services, tenant }: TenantContext, jobId: string): Promise<number> {
  const [row] = await services.database.read(NEW, [tenant.id, jobId]);
  return Number(row?.['found']);
}

/** The report of a job row by row as CSV, in parts: however long it is, no more of it is held at once. */
export async function* reportCsv(context: TenantContext, { id, state }: UserJob): AsyncGenerator<string> {
  yield csvHeadings(['row', 'username', 'name', 'email', 'id', 'result', 'reason']);
  for (let after = 0; ;) {
    const rows = await rowsOf(context, id, { after, limit: AT_ONCE });
    if (rows.length > 0) yield csvRows(rows.map((row) => cellsOf(row, state)));
    if (rows.length < AT_ONCE) return;
    after = rows.at(-1)?.place ?? after;
  }
}

// Whom a job that has ended did not reach waits for nothing.
function cellsOf({ place, user, userId, state, note, becomes }: ReportRow, job: UserJob['state']): string[] {
  const { username = '', name = '', email = '' } = user ?? {};
  const result = state === 'waiting' && job !== 'running' && job !== 'preview' ? 'not-done' : state;
  return [String(place), username, name, email, userId ?? '', result, note ?? becomes.join('; ')];
}
