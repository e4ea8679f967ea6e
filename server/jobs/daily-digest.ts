import { DigestReader } from '#models/digest-reader.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { giveRoles } from '#models/roles-of.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { effectivePermissions } from '#policies/roles.js';
import { contextWithoutRequest, type Services } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { localTimeOf } from '#server/lib/days.js';
import { queueMail } from '#server/mail/outbox.js';
import { digestOf } from './digest-facts.js';

/** In the reader's own time zone. */
const HOUR_OF_DAY = 7;
/** Who was not told for longer, because Gatehouse stood still, is told of no more. */
const FURTHEST_BACK = 7 * DAY;

/**
 * Mails each reader of the digest, once a day from seven in the morning of their zone on, what of the log was high or
 * unusual since the last time, and what waits; nothing where there is nothing. Gives how many mails that were.
 */
export async function sendDigests(services: Services, stop?: AbortSignal): Promise<number> {
  let sent = 0;
  for (const reader of await DigestReader.findAll()) {
    if (stop?.aborted) break;
    if (await tell(services, reader)) sent += 1;
  }
  return sent;
}

async function tell(services: Services, reader: DigestReader): Promise<boolean> {
  const { tenantId, userId } = reader;
  const now = services.clock.now();
  const user = await User.findOne({ where: { tenantId, id: userId, status: 'active' } });
  if (!user) return false;
  await giveRoles(tenantId, [user]);
  if (!effectivePermissions(user.roles ?? []).has('log:read')) return false;
  const { day, hour } = localTimeOf(now, user.timeZone);
  if (hour < HOUR_OF_DAY || reader.toldDay >= day) return false;
  const tenant = await Tenant.findOne({ where: { id: tenantId, status: 'active' } });
  if (!tenant) return false;
  const digest = await digestOf(services.database, tenantId, Math.max(reader.toldAt, now - FURTHEST_BACK), now);
  // Taken and mailed in one transaction: neither a restart nor a second process tells anybody twice.
  return inTransaction(async () => {
    if (!(await reader.takeDay(day, now)) || digest === null) return false;
    const context = contextWithoutRequest(services, SYSTEM, 'job');
    const variables = { ...digest, logLink: '/admin/security-log' };
    await queueMail(context, { event: 'daily-digest', to: user, tenant, variables });
    return true;
  });
}
