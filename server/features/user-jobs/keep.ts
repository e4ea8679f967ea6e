import { newId } from '#models/columns.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow, type NewRow } from '#models/user-job-row.js';
import type { Permission } from '#policies/permissions.js';
import type { TenantContext } from '#server/context.js';
import { actingNow } from '#server/identity/acting.js';
import { ableOwners } from '#server/identity/able-owners.js';

// As many as a person may have open in tabs. Each holds up to 20,000 rows: without an end, they could fill the disk in a day.
const MOST_PREVIEWS = 10;

/** Keeps a preview, for who asked for it; the oldest of theirs makes way. */
export async function keepPreview(
  context: TenantContext,
  permission: Permission,
  given: Pick<UserJob, 'action' | 'roleId' | 'reason' | 'note'>,
  rows: readonly NewRow[],
): Promise<UserJob> {
  return actingNow(context, permission, async ({ services, tenant, actor, door, now }) => {
    await forgetAllBut(MOST_PREVIEWS - 1, { tenantId: tenant.id, begunBy: actor.id });
    const id = newId();
    const job = await UserJob.create({
      ...given,
      ...{ id, tenantId: tenant.id, state: 'preview', begunBy: actor.id, door, createdAt: now, workedAt: 0 },
    });
    await UserJobRow.addAll(services.database, tenant.id, id, rows);
    return job;
  });
}

async function forgetAllBut(newest: number, whose: Pick<UserJob, 'tenantId' | 'begunBy'>): Promise<void> {
  // Those thrown away, too: their rows stay as long.
  const where = { ...whose, begunAt: null };
  const older = await UserJob.findAll({
    where,
    attributes: ['id'],
    order: [['id', 'DESC']],
    offset: newest,
    limit: 10,
  });
  if (older.length > 0) await UserJob.destroy({ where: { ...where, id: older.map(({ id }) => id) } });
}

/**
 * Of all who could put things right, one stays: takes the first out of what would lower them all. Asked again at each
 * write, since others may lower them meanwhile.
 */
export async function leaveAnOwner(
  { services, tenant }: TenantContext,
  lowered: readonly { id: string; row: NewRow }[],
  state: 'left-out' | 'refused',
): Promise<void> {
  const able = new Set(await ableOwners(services.database.read, tenant.id));
  const hit = lowered.filter(({ id, row }) => row.state === 'waiting' && able.has(id));
  const [stays] = hit;
  if (stays && hit.length === able.size) Object.assign(stays.row, { state, note: 'This is the last active owner.' });
}
