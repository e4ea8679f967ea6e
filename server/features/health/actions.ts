import { can } from '#policies/can.js';
import type { Context } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import type { Finding } from '#server/health/finding.js';
import { readHealth } from '#server/health/read.js';
import { isLate, readJobs, type JobRun } from '#server/health/work.js';

export interface Health {
  /** The worst of what was found. */
  state: Finding['state'];
  findings: Finding[];
  jobs: (JobRun & { late: boolean })[];
}

/** How this installation is, for who looks after it. */
export async function readInstallation(context: Context): Promise<Health> {
  if (!can(context.actor, 'tenants:read')) throw new Forbidden();
  const { services } = context;
  const [findings, jobs] = await Promise.all([readHealth(services), readJobs(services)]);
  const has = (state: Finding['state']): boolean => findings.some((finding) => finding.state === state);
  const now = services.clock.now();
  return {
    state: has('fail') ? 'fail' : has('warn') ? 'warn' : 'ok',
    findings,
    jobs: jobs.map((job) => ({ ...job, late: isLate(job, now) })),
  };
}
