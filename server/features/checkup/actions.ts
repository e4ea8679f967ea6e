import { CheckupPostponement } from '#models/checkup-postponement.js';
import { isOwnItem, type CheckupItem } from '#policies/checkup.js';
import { checkOrganisation } from '#server/checkup/organisation.js';
import { checkOwn } from '#server/checkup/own.js';
import { PUT_OFF_FOR } from '#server/checkup/finding.js';
import type { UserContext } from '#server/context.js';
import { Conflict, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { record } from '#server/trace/record.js';

/** Hides something from the caller alone, for 30 days. What is urgent cannot be put off, and what was not found neither. */
export async function putOff(context: UserContext, item: CheckupItem): Promise<void> {
  await actingNow(context, demandOf(item), async (acting) => {
    const { tenant, user, now } = acting;
    const findings = await (isOwnItem(item) ? checkOwn(acting) : checkOrganisation(acting));
    const finding = findings.find((one) => one.item === item);
    if (!finding) throw new NotFound();
    if (finding.urgency === 'now') throw new Conflict('This is urgent, and cannot be put off.');
    await CheckupPostponement.upsert({
      tenantId: tenant.id,
      userId: user.id,
      item,
      createdAt: now,
      endsAt: now + PUT_OFF_FOR,
    });
    await record(acting, {
      event: 'checkup.postponed',
      target: { type: 'user', id: user.id },
      details: { about: finding.heading },
    });
  });
}

/** Tells the caller of it again. Throws `NotFound` when it was not put off. */
export async function recall(context: UserContext, item: CheckupItem): Promise<void> {
  await actingNow(context, demandOf(item), async ({ tenant, user }) => {
    const gone = await CheckupPostponement.destroy({ where: { tenantId: tenant.id, userId: user.id, item } });
    if (gone !== 1) throw new NotFound();
  });
}

function demandOf(item: CheckupItem): 'own' | 'users:read' {
  return isOwnItem(item) ? 'own' : 'users:read';
}
