import { LogCheckpointReader } from '#models/log-checkpoint-reader.js';
import { LogCheckpoint } from '#models/log-checkpoint.js';
import { lockHead } from '#models/security-log.js';
import { can } from '#policies/can.js';
import type { TenantContext, UserContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { headIsSound } from '#server/trace/chain.js';
import { checkpointOf } from '#server/trace/checkpoint.js';
import { record } from '#server/trace/record.js';

/** The checkpoints of the caller's log, the newest first. */
export async function listCheckpoints({ actor, tenant }: TenantContext, limit?: number): Promise<LogCheckpoint[]> {
  if (!can(actor, 'log:export')) throw new Forbidden();
  const where = { tenantId: tenant.id };
  return LogCheckpoint.findAll({ where, order: [['count', 'DESC']], ...(limit === undefined ? {} : { limit }) });
}

/** Makes a checkpoint of the log as it is now; it stays here until somebody takes it along. */
export async function makeCheckpoint(context: TenantContext): Promise<LogCheckpoint> {
  return actingNow(context, 'log:export', async (acting) => {
    const made = await addCheckpoint(acting);
    await tell(acting, 'log.checkpoint-made', made);
    return made;
  });
}

/** Makes one that is taken along at once: what lies before it may be archived from now on. */
export async function takeCheckpoint(context: TenantContext): Promise<LogCheckpoint> {
  return actingNow(context, 'log:export', async (acting) => taken(acting, await addCheckpoint(acting)));
}

/** Gives one of the checkpoints to take along. Throws `NotFound`, for another tenant's too. */
export async function exportCheckpoint(context: TenantContext, id: string): Promise<LogCheckpoint> {
  return actingNow(context, 'log:export', async (acting) => {
    const found = await LogCheckpoint.findOne({ where: { tenantId: acting.tenant.id, id } });
    if (!found) throw new NotFound();
    return taken(acting, found);
  });
}

/** Whether the caller gets the checkpoint of each day by mail. */
export async function getsCheckpoints({ tenant, user }: UserContext): Promise<boolean> {
  return (await LogCheckpointReader.count({ where: { tenantId: tenant.id, userId: user.id } })) > 0;
}

/** Begins or ends the mails of each day's checkpoint to the caller. */
export async function mailCheckpoints(context: UserContext, wanted: boolean): Promise<void> {
  await actingNow(context, 'log:export', async (acting) => {
    const one = { tenantId: acting.tenant.id, userId: acting.user.id };
    const already = (await LogCheckpointReader.count({ where: one })) > 0;
    if (already === wanted) return;
    if (wanted) await LogCheckpointReader.create({ ...one, since: acting.now });
    else await LogCheckpointReader.destroy({ where: one });
    const details = { wanted: { from: already, to: wanted } };
    await record(acting, { event: 'log.checkpoint-mails', target: { type: 'user', id: one.userId }, details });
  });
}

/** Adds a checkpoint of the log as it is; where nothing was written since the last one, that one. Inside a write. */
export async function addCheckpoint({ services, tenant, now, actor }: TenantContext): Promise<LogCheckpoint> {
  const { database, keys } = services;
  const head = await lockHead(database.dialect, tenant.id);
  // To sign what somebody else has written would bless it.
  if (!headIsSound(keys, head)) throw new Conflict('The security log is broken. Verify it, and find out why, first.');
  const same = await LogCheckpoint.findOne({ where: { tenantId: tenant.id, count: head.count } });
  return (
    same ??
    LogCheckpoint.create({
      ...checkpointOf(keys, head, now),
      madeBy: actor.kind === 'system' ? null : (actor.id ?? actor.kind),
    })
  );
}

async function taken(acting: TenantContext, checkpoint: LogCheckpoint): Promise<LogCheckpoint> {
  await LogCheckpoint.markExported(checkpoint, acting.now);
  // A row that was just made has none at all.
  checkpoint.exportedAt = checkpoint.exportedAt ?? acting.now;
  await tell(acting, 'log.checkpoint-exported', checkpoint);
  return checkpoint;
}

async function tell(
  acting: TenantContext,
  event: 'log.checkpoint-made' | 'log.checkpoint-exported',
  { count }: LogCheckpoint,
): Promise<void> {
  await record(acting, { event, target: { type: 'log', id: acting.tenant.id }, details: { rows: count } });
}
