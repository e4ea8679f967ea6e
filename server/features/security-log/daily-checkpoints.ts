import { Op } from 'sequelize';
import { LogCheckpointReader } from '#models/log-checkpoint-reader.js';
import { LogCheckpoint } from '#models/log-checkpoint.js';
import { lockHead } from '#models/security-log.js';
import { Tenant } from '#models/tenant.js';
import { giveRoles } from '#models/roles-of.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { effectivePermissions } from '#policies/roles.js';
import { contextWithoutRequest, type Services, type TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { inContext } from '#server/identity/tenant.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { writtenOut } from '#server/trace/checkpoint.js';
import { addCheckpoint } from './checkpoints.js';

// An organisation where nothing has happened since needs no other one.
const DUE = `SELECT h.tenant_id FROM security_log_heads h JOIN tenants t ON t.id = h.tenant_id
WHERE NOT EXISTS (SELECT 1 FROM log_checkpoints c WHERE c.tenant_id = h.tenant_id
  AND ((c.made_by IS NULL AND c.made_at > $1) OR c.count = h.count))`;

/** Makes the checkpoint of the day of every log, and mails it to whoever wants that. Gives how many were made. */
export async function makeDailyCheckpoints(services: Services, stop?: AbortSignal): Promise<number> {
  let made = 0;
  for (const row of await services.database.read(DUE, [services.clock.now() - DAY])) {
    if (stop?.aborted) break;
    const tenant = await Tenant.findByPk(String(row['tenant_id']));
    if (!tenant) continue;
    const context = contextWithoutRequest(services, SYSTEM, 'job', inContext(tenant)) as TenantContext;
    try {
      if (await actingNow(context, 'log:export', makeToday)) made += 1;
    } catch (error) {
      // One broken log must not keep the others without.
      if (!(error instanceof Conflict)) throw error;
      services.log.error({ tenant: tenant.id }, 'No checkpoint was made of a security log that is broken');
    }
  }
  return made;
}

async function makeToday(acting: TenantContext): Promise<boolean> {
  const { id: tenantId } = acting.tenant;
  await lockHead(acting.services.database.dialect, tenantId);
  // Another process was first.
  if (await LogCheckpoint.findOne({ where: { tenantId, madeBy: null, madeAt: { [Op.gt]: acting.now - DAY } } }))
    return false;
  const checkpoint = await addCheckpoint(acting);
  if (checkpoint.madeAt !== acting.now) return false;
  const readers = await readersOf(acting.tenant.id);
  const { organizationId, rows, ...said } = writtenOut(checkpoint);
  const variables = { organisationId: organizationId, rows: String(rows), ...said };
  // It has left once one of them was sent.
  const mail = { event: 'log-checkpoint', tenant: acting.tenant, variables, checkpointId: checkpoint.id } as const;
  for (const to of readers) await queueMail(acting, { ...mail, to });
  return true;
}

// Whoever wants them, and may still have them.
async function readersOf(tenantId: string): Promise<User[]> {
  const ids = (await LogCheckpointReader.findAll({ where: { tenantId } })).map(({ userId }) => userId);
  if (ids.length === 0) return [];
  const people = await User.findAll({ where: { tenantId, id: ids, status: 'active' } });
  await giveRoles(tenantId, people);
  return people.filter((user) => effectivePermissions(user.roles ?? []).has('log:export'));
}
