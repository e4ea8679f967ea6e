import { Op } from 'sequelize';
import { newId } from '#models/columns.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import { readInTransaction } from '#models/transaction.js';
import { can } from '#policies/can.js';
import { differencesBetween, type PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden, Invalid, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { DAY } from '#server/lib/clock.js';
import { momentOf, utcMoment } from '#server/lib/days.js';
import { record } from '#server/trace/record.js';
import { authorsOf, type Author } from './author.js';
import { type PolicyChange, policyAfter } from './change.js';
import { inDetails } from './details.js';
import { differencesOf, reasonToKeep } from './take-back.js';

const FARTHEST = 366 * DAY;

export const NONE_WAITS = 'No change of the security policy is set for later.';

/** A change that waits for its time. */
export interface Waiting {
  scheduled: ScheduledPolicy;
  author: Author;
  differences: PolicyDifference[];
}

/** When a change is to start, and what it may put aside. */
export interface Start {
  startsAt: number;
  /** The change that waits already and that this one replaces, after asking; null where there is none. */
  replaces?: string | null;
  /** The entry of the history that it puts back. */
  restores?: string | null;
}

/** The change of the policy that waits for its time; null when there is none. */
export async function readScheduled(context: TenantContext): Promise<Waiting | null> {
  // Whoever sets another is asked about the one that waits.
  if (!can(context.actor, 'policy:read') && !can(context.actor, 'policy:write')) throw new Forbidden();
  const scheduled = await ScheduledPolicy.of(context.tenant.id);
  if (!scheduled) return null;
  const authorOf = await authorsOf(context, [scheduled.actorId]);
  return { scheduled, author: authorOf(scheduled), differences: differencesOf(scheduled) };
}

/** What was typed as the start of a change, in the zone of whoever did; null for at once. Throws `Invalid` for what is no such time. */
export function startOf({ now, user }: TenantContext, typed: string): number | null {
  if (typed === '') return null;
  const startsAt = typed.endsWith('Z') ? utcMoment(typed) : momentOf(typed, user?.timeZone ?? 'UTC');
  if (Number.isNaN(startsAt))
    throw Invalid.field('startsAt', 'There is no such time on that day. Choose another, such as 2027-01-31T08:00.');
  if (startsAt <= now) throw Invalid.field('startsAt', 'This time has passed. Choose a later one, or leave it empty.');
  if (startsAt > now + FARTHEST) throw Invalid.field('startsAt', 'This is too far ahead. Choose a time within a year.');
  return startsAt;
}

/** Throws `Invalid` for a change at once that is to take the place of one that waits: that would go on waiting. */
export function refuseIdle(startsAt: number | null, replaces: string): void {
  if (startsAt === null && replaces !== '')
    throw Invalid.field(
      'replaces',
      'A change that is made at once takes the place of none that waits. Say when it starts, or leave this out and take the other one back.',
    );
}

/** Sets a change for later, and gives the policy as it is until then. Of an organisation there is one at a time: another is replaced only by who has been told of it. */
export async function schedulePolicy(
  context: TenantContext,
  change: PolicyChange,
  { startsAt, replaces = null, restores = null }: Start,
): Promise<SecurityPolicy> {
  return actingNow(
    context,
    'policy:write',
    async (acting) => {
      const { tenant, now, actor, user, door, ip, credential } = acting;
      const before = (await PolicyRow.of(tenant.id)).get({ plain: true });
      const differences = differencesBetween(before, policyAfter(acting, before, change));
      if (startsAt <= now) throw Invalid.field('startsAt', 'This time has just passed. Choose a later one.');
      if (differences.length === 0)
        throw Invalid.field('startsAt', 'Nothing would change: the security policy is like this already.');
      const present = await ScheduledPolicy.of(tenant.id);
      if ((present?.id ?? null) !== replaces) throw new OtherWaits();
      if (present) await takeBack(acting, present);
      await ScheduledPolicy.create({
        ...{ id: newId(), tenantId: tenant.id, differences: JSON.stringify(differences), restoredId: restores },
        ...{ startsAt, timeZone: user?.timeZone ?? 'UTC', createdAt: now, door, ip },
        ...{ actorId: actor.id, actorTenantId: actor.tenantId },
        credential: credential ? JSON.stringify(credential) : null,
      });
      const details = { startsAt: new Date(startsAt).toISOString(), ...inDetails(differences) };
      await record(acting, { event: 'policy.scheduled', target: { type: 'policy', id: tenant.id }, details });
      return before;
    },
    { organisation: true },
  );
}

/** 409: a change waits that whoever sets another has not been told of, or that is not there any more. */
export class OtherWaits extends Conflict {
  constructor() {
    super('Another change is set for later, or is not any more. Look at it, and send its id as “replaces”.');
  }
}

/** Takes back the change that waits, or the one that was `seen` alone; what it would have changed stays as it is. */
export async function removeScheduled(context: TenantContext, seen?: string): Promise<void> {
  await actingNow(
    context,
    'policy:write',
    async (acting) => {
      const scheduled = await ScheduledPolicy.of(acting.tenant.id);
      if (!scheduled) throw new NotFound(NONE_WAITS);
      if (seen !== undefined && seen !== scheduled.id)
        throw new Conflict('Another change is set for later by now. Look at it before you take it back.');
      await takeBack(acting, scheduled);
    },
    { organisation: true },
  );
}

/** The changes whose time has come, of organisations that are open: another has nobody whom it could bind. */
export async function dueChanges(now: number): Promise<ScheduledPolicy[]> {
  return ScheduledPolicy.findAll({ where: { startsAt: { [Op.lte]: now } }, order: [['startsAt', 'ASC']] });
}

async function takeBack(acting: TenantContext, scheduled: ScheduledPolicy): Promise<void> {
  const { tenant } = acting;
  const kept = await reasonToKeep(acting, scheduled, readInTransaction);
  if (kept !== null) throw new Forbidden(kept);
  if (!(await ScheduledPolicy.take(tenant.id, scheduled.id))) throw new OtherWaits();
  const details = { startsAt: new Date(scheduled.startsAt).toISOString(), ...inDetails(differencesOf(scheduled)) };
  await record(acting, { event: 'policy.schedule-removed', target: { type: 'policy', id: tenant.id }, details });
}
