import { Op } from 'sequelize';
import { Role } from '#models/role.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { HOUR } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import { IMPORT, kindOf } from '#policies/bulk-actions.js';

const GOOD_FOR = 24 * HOUR;

/**
 * Begins what a preview shows, for the very person who asked for it; asked twice it begins once. From then on it goes on
 * without them, on their authority, which is looked at anew for every single person.
 */
export async function beginJob(context: TenantContext, jobId: string, why = ''): Promise<UserJob> {
  const { action } = await previewOf(context, jobId);
  return actingNow(context, kindOf(action).permission, async (acting) => {
    const { actor, tenant, user, session, credential, door, ip, client, now } = acting;
    const { id, roleId, state, reason: before } = await previewOf(acting, jobId);
    const reason = why || before;
    if (state !== 'preview') return UserJob.findByPk(id, { rejectOnEmpty: true });
    await UserJob.update(
      {
        ...{ state: 'running', begunAt: now, begunBy: actor.id, epoch: user?.epoch ?? null, door, ip, reason },
        sessionId: session?.id ?? null,
        credential: credential ? JSON.stringify(credential) : null,
        client: client ? JSON.stringify(client) : null,
      },
      { where: { id, state: 'preview' } },
    );
    const role = roleId === null ? null : await Role.findOne({ where: { tenantId: tenant.id, id: roleId } });
    const { waiting: people } = await UserJobRow.counts(id);
    const details = { job: id, action, people, ...(role ? { role: role.name } : {}), ...(reason ? { reason } : {}) };
    await record(acting, { event: 'user-job.begun', details });
    return UserJob.findByPk(id, { rejectOnEmpty: true });
  });
}

/** The same for people from a file. */
export async function beginImport(context: TenantContext, jobId: string, why = ''): Promise<UserJob> {
  const { action } = await previewOf(context, jobId);
  if (action !== IMPORT.name) throw new NotFound();
  return beginJob(context, jobId, why);
}

/** Stops a job, or throws its preview away; whoever may change users may. What is done stays done. */
export async function cancelJob(context: TenantContext, jobId: string): Promise<void> {
  await actingNow(context, 'users:write', async (acting) => {
    const { tenant, now } = acting;
    const where = { tenantId: tenant.id, id: jobId };
    const job = await UserJob.findOne({ where });
    if (!job) throw new NotFound();
    const [cancelled] = await UserJob.update(
      { state: 'cancelled', endedAt: now },
      { where: { ...where, state: { [Op.in]: ['preview', 'running'] } } },
    );
    if (cancelled !== 1) throw new Conflict('This has ended already.');
    if (job.state === 'running')
      await record(acting, { event: 'user-job.cancelled', details: { job: job.id, action: job.action } });
  });
}

async function previewOf({ tenant, actor, now }: TenantContext, id: string): Promise<UserJob> {
  const job = await UserJob.findOne({ where: { tenantId: tenant.id, id, begunBy: actor.id } });
  if (!job) throw new NotFound();
  if (job.state === 'preview' && job.createdAt <= now - GOOD_FOR)
    throw new Conflict('This preview is too old. Begin again, so that you see how things are now.');
  if (job.state === 'cancelled' && job.begunAt === null)
    throw new Conflict('This preview was thrown away. Begin again.');
  return job;
}
