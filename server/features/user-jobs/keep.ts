import { newId } from '#models/columns.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow, type NewRow } from '#models/user-job-row.js';
import type { Permission } from '#policies/permissions.js';
import type { TenantContext } from '#server/context.js';
import { actingNow } from '#server/identity/acting.js';
import { ableOwners } from '#server/identity/last-owner.js';

/** Keeps a preview, for who asked for it. */
export async function keepPreview(
  context: TenantContext,
  permission: Permission,
  given: Pick<UserJob, 'action' | 'roleId' | 'reason' | 'note'>,
  rows: readonly NewRow[],
): Promise<UserJob> {
  return actingNow(context, permission, async ({ services, tenant, actor, door, now }) => {
    const id = newId();
    const job = await UserJob.create({
      ...given,
      ...{ id, tenantId: tenant.id, state: 'preview', begunBy: actor.id, door, createdAt: now, workedAt: 0 },
    });
    await UserJobRow.addAll(services.database, tenant.id, id, rows);
    return job;
  });
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
