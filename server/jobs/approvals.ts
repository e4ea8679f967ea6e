import { Op } from 'sequelize';
import { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest, type Services } from '#server/context.js';
import { lifeOf, tellDeciders } from '#server/identity/approvals.js';
import { decidersOf, newcomersOf, targetOfApproval } from '#server/identity/deciders.js';
import { DAY } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import { askedIn } from '#server/features/approvals/asked.js';
import { KINDS } from '#server/features/approvals/kinds.js';
import { tellOwner, tellRequester } from '#server/features/approvals/tell.js';

const BATCH = 200;

/**
 * Makes void what has waited too long, or what nobody can be given any more; and tells those who may decide, once a
 * day for each organisation, that something waits. Gives how many became void.
 */
export async function lookAfterApprovals(services: Services, stop?: AbortSignal): Promise<number> {
  let ended = 0;
  let after = '';
  let rows: Approval[];
  do {
    rows = await Approval.findAll({
      where: { state: 'waiting', id: { [Op.gt]: after } },
      order: [['id', 'ASC']],
      limit: BATCH,
    });
    for (const row of rows) if (!stop?.aborted && (await endIfOver(services, row))) ended += 1;
    after = rows.at(-1)?.id ?? '';
  } while (rows.length === BATCH && !stop?.aborted);
  const waiting = await Approval.findAll({
    where: { state: 'waiting' },
    attributes: ['decidingTenantId'],
    group: ['decidingTenantId'],
  });
  for (const { decidingTenantId } of waiting) if (!stop?.aborted) await remind(services, decidingTenantId);
  return ended;
}

async function endIfOver(services: Services, row: Approval): Promise<boolean> {
  const context = contextWithoutRequest(services, SYSTEM, 'job');
  const { now } = context;
  const { tenantId, id, kind, userId } = row;
  const late = row.expiresAt <= now;
  if (!late && !(await askedIn(context, row)).moot) return false;
  return inTransaction(async () => {
    const [closed] = await Approval.update(
      { state: 'void', decidedAt: now },
      { where: { tenantId, id, state: 'waiting' } },
    );
    if (closed !== 1) return false;
    const { what } = await askedIn(context, row);
    await KINDS[kind].refuse(context, row);
    const target = { type: 'user', id: userId } as const;
    await record(context, { event: 'approval.void', tenantId, target, details: { about: what } });
    const decision = late
      ? `was not decided within ${lifeOf(kind).words}, and is void`
      : 'is void, because what it was for has ended';
    await tellRequester(context, row, what, { decision, answer: '' });
    await tellOwner(context, row, what, { decision, answer: '' });
    return true;
  });
}

// Marked and mailed in one transaction, at most once a day however many requests there are.
async function remind(services: Services, decidingTenantId: string): Promise<void> {
  const context = contextWithoutRequest(services, SYSTEM, 'job');
  const { now } = context;
  await inTransaction(async () => {
    const told = await Approval.findOne({
      where: { decidingTenantId, toldAt: { [Op.gt]: now - DAY } },
      attributes: ['id'],
    });
    const tenant = await Tenant.findByPk(decidingTenantId);
    if (told || tenant?.status !== 'active') return;
    const rows = await Approval.findAll({
      where: { decidingTenantId, state: 'waiting', expiresAt: { [Op.gt]: now } },
      order: [['id', 'ASC']],
      limit: BATCH,
    });
    await Approval.update({ toldAt: now }, { where: { decidingTenantId, id: rows.map(({ id }) => id) } });
    const newcomers = await newcomersOf({ decidingTenantId }, now);
    await tellDeciders(context, decidingTenantId, await peopleFor(rows, newcomers));
  });
}

async function peopleFor(
  rows: readonly Approval[],
  newcomers: ReadonlySet<string>,
): Promise<{ to: User; waiting: number }[]> {
  const people = new Map<string, { to: User; waiting: number }>();
  for (const row of rows) {
    const target = await targetOfApproval(row);
    for (const to of await decidersOf({ ...row.get(), target, newcomers }))
      people.set(to.id, { to, waiting: (people.get(to.id)?.waiting ?? 0) + 1 });
  }
  return [...people.values()];
}
