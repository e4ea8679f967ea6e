import { learnSizes } from '#models/tables.js';
import { Tenant } from '#models/tenant.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import { COMMAND_LINE, SYSTEM, type Actor } from '#policies/actor.js';
import {
  contextWithoutRequest,
  type CredentialInContext,
  type Services,
  type TenantContext,
  type UserInContext,
} from '#server/context.js';
import { AuthorityLost, NotFound, Refusal } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { inContext } from '#server/identity/tenant.js';
import { record } from '#server/trace/record.js';
import { DEEDS } from './deeds.js';
import { Unneeded } from './unneeded.js';
import { importRow } from './import-row.js';
import { IMPORT, isBulkAction } from '#policies/bulk-actions.js';

const AT_ONCE = 50;

/** Another worker, or an earlier try, was first, or the job runs no more. */
class NotWaiting extends Error {}

/**
 * Works on the job whose turn it is until `until`; false when there is none. Each person is one write, which notes in
 * itself that they are done: killed at any moment, it goes on where it was, and does nobody twice.
 */
export async function workOnNext(services: Services, until: number, stop?: AbortSignal): Promise<boolean> {
  const { database, clock } = services;
  const job = await UserJob.next(database.sequelize, clock.now());
  if (!job) return false;
  const tenant = await Tenant.findByPk(job.tenantId, { rejectOnEmpty: true });
  const context = contextOf(services, job, tenant);
  for (;;) {
    const rows = await UserJobRow.findAll({
      where: { jobId: job.id, state: 'waiting' },
      order: [['place', 'ASC']],
      limit: AT_ONCE,
    });
    if (rows.length === 0) {
      await finish(context, job, 'done');
      return true;
    }
    for (const row of rows) {
      if (stop?.aborted || performance.now() >= until) return true;
      if ((await workOn(context, job, row)) === 'over') return true;
      if (isManyMore(row)) await learnSizes(database).catch(() => undefined);
    }
  }
}

/** After the first thousand, and then now and again: the database would look how large its tables are minutes later. */
function isManyMore({ place }: UserJobRow): boolean {
  return place === 1000 || place % 5000 === 0;
}

async function workOn(context: TenantContext, job: UserJob, row: UserJobRow): Promise<'next' | 'over'> {
  try {
    await act(forRow(context, job, row), job, row);
  } catch (error) {
    if (error instanceof NotWaiting) return 'over';
    if (error instanceof AuthorityLost) {
      await finish(context, job, 'stopped', error.message);
      return 'over';
    }
    const { jobId, place } = row;
    if (!(error instanceof Refusal || error instanceof Unneeded))
      context.services.log.error({ job: jobId, place, error: (error as Error).message }, 'One person of a job failed');
    const state = error instanceof Unneeded ? 'unchanged' : 'refused';
    await UserJobRow.update({ state, note: noteOf(error) }, { where: { jobId, place, state: 'waiting' } });
  }
  return 'next';
}

function noteOf(error: unknown): string {
  // What a page says of an address that leads nowhere would be a riddle in a list of people.
  if (error instanceof NotFound) return 'There is no such account any more.';
  if (error instanceof Refusal || error instanceof Unneeded) return error.message;
  return 'This failed in a way that nobody expected.';
}

async function act(context: TenantContext, { action, roleId }: UserJob, { userId, input }: UserJobRow): Promise<void> {
  if (action === IMPORT.name && userId !== null) await importRow(context, userId, input);
  else if (isBulkAction(action) && userId !== null) await DEEDS[action].act(context, userId, roleId ?? '');
  else throw new Error(`There is no action ${action}.`);
}

/** The same context for one person: each has a moment of their own, and is noted in their own write. */
function forRow(context: TenantContext, job: UserJob, { place }: UserJobRow): TenantContext {
  const { services } = context;
  const take = async (): Promise<void> => {
    if (!(await UserJobRow.take(job.id, place))) throw new NotWaiting();
  };
  const { epoch, sessionId } = job;
  return { ...context, now: services.clock.now(), begun: { epoch: epoch ?? 0, sessionId, take } };
}

/** Whoever began it, as far as is known without asking: each write asks. */
function contextOf(services: Services, job: UserJob, tenant: Tenant): TenantContext {
  const { tenantId, begunBy, epoch, door, ip, client, credential } = job;
  const context = contextWithoutRequest(services, COMMAND_LINE, door, inContext(tenant)) as TenantContext;
  if (begunBy === null) return context;
  const actor: Actor = { ...NOBODY_YET, id: begunBy, tenantId };
  const user = { id: begunBy, tenantId, epoch: epoch ?? 0 } as UserInContext;
  return {
    ...context,
    actor,
    user,
    ip,
    client: client === null ? null : (JSON.parse(client) as TenantContext['client']),
    credential: credential === null ? null : (JSON.parse(credential) as CredentialInContext),
  };
}

const NOBODY_YET: Actor = { ...COMMAND_LINE, kind: 'user', platform: false, top: false };

async function finish(context: TenantContext, job: UserJob, state: 'done' | 'stopped', note = ''): Promise<void> {
  const { services, tenant } = context;
  const system = contextWithoutRequest(services, SYSTEM, 'job', tenant) as TenantContext;
  await actingNow(system, 'users:write', async (acting) => {
    const [ended] = await UserJob.update(
      { state, endedAt: acting.now, ...(note ? { note } : {}) },
      { where: { id: job.id, state: 'running' } },
    );
    if (ended !== 1) return;
    const { done, refused, waiting } = await UserJobRow.counts(job.id);
    const details = { job: job.id, action: job.action, done, refused, waiting, ...(note ? { reason: note } : {}) };
    await record(acting, { event: state === 'done' ? 'user-job.done' : 'user-job.stopped', details });
  });
}
