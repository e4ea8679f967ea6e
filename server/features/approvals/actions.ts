import { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { openThrottles } from '#models/throttle.js';
import { TAKING_KINDS } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { actingNow, hold } from '#server/identity/acting.js';
import { closeApproval } from '#server/identity/approvals.js';
import { codeKey } from '#server/identity/counters.js';
import { inContext } from '#server/identity/tenant.js';
import { record } from '#server/trace/record.js';
import { KINDS } from './kinds.js';
import { findApproval, seenBy, type ListedApproval } from './look.js';
import { tellOwner, tellRequester } from './tell.js';

/** Says yes: what was asked for is done, and whoever asked gets a mail. Gives the access pass that was made, to be shown once. */
export async function approve(
  context: TenantContext,
  id: string,
  { withPass = true }: { withPass?: boolean } = {},
): Promise<string | null> {
  const { pass, codes } = await deciding(context, id, async (acting, { approval, what, moot }) => {
    if (moot)
      throw new Conflict(
        'What this was for has ended: a role was taken, the account or what it is about was changed, or whoever asked may no longer.',
      );
    if (!withPass && approval.minutes !== null)
      throw new Conflict('An access pass comes of this, which is shown once: approve it on its page.');
    await closeApproval(acting, approval, 'approved', '');
    const made = await KINDS[approval.kind].approve(acting, approval);
    await record(acting, { event: 'approval.given', target: targetOf(approval), details: { about: what } });
    await tellRequester(acting, approval, what, { decision: 'has been approved', answer: '' });
    return { pass: made, codes: approval.kind === 'api-token' ? null : codeKey(approval.userId) };
  });
  // As after what one administrator does alone: wrong codes of whoever has the phone must not keep the owner out.
  if (codes !== null) await openThrottles(context.services.database, codes);
  return pass;
}

/** Says no, and why: what waited is ended, and whoever asked gets a mail. */
export async function refuse(context: TenantContext, id: string, reason: string): Promise<void> {
  await deciding(context, id, async (acting, { approval, what }) => {
    await closeApproval(acting, approval, 'refused', reason);
    await KINDS[approval.kind].refuse(acting, approval);
    await record(acting, {
      event: 'approval.refused',
      target: targetOf(approval),
      details: { about: what, reason },
      personal: ['reason'],
    });
    const told = { decision: 'has been refused', answer: reason };
    await tellRequester(acting, approval, what, told);
    await tellOwner(acting, approval, what, told);
  });
}

/** Takes back what the actor has asked for themselves; whose account it is about is told that nothing comes of it. */
export async function withdraw(context: TenantContext, id: string): Promise<void> {
  const { tenant, actor } = context;
  const own = { tenantId: tenant.id, id, requestedBy: actor.id ?? '', kind: [...TAKING_KINDS] };
  const asked = await Approval.findOne({ where: own });
  if (!asked) throw new NotFound();
  await actingNow(
    context,
    'users:two-factor',
    async (acting) => {
      const { approval, what } = await findApproval(acting, id);
      await closeApproval(acting, approval, 'withdrawn', '');
      await record(acting, { event: 'approval.withdrawn', target: targetOf(approval), details: { about: what } });
      await tellOwner(acting, approval, what, { decision: 'was taken back by whoever had asked for it', answer: '' });
    },
    { userIds: standsOn(asked) },
  );
}

// Read again once the locks are held: who may decide, and whether there still is something to decide.
async function deciding<T>(
  context: TenantContext,
  id: string,
  decide: (acting: TenantContext, found: ListedApproval) => Promise<T>,
): Promise<T> {
  const seen = await Approval.findOne({
    where: { ...seenBy(context), id },
    attributes: ['userId', 'requestedBy', 'tenantId'],
  });
  if (!seen) throw new NotFound();
  const own = seen.tenantId === context.tenant.id;
  return actingNow(
    context,
    'users:write',
    async (acting) => {
      const inside = own ? acting : await within(acting, seen);
      const found = await findApproval(acting, id);
      if (!found.mayDecide) refuseDecision(found);
      return decide(inside, found);
    },
    own ? { userIds: standsOn(seen) } : {},
  );
}

// An operator who decides for an organisation acts in it: its locks, its log, its mails.
async function within(acting: TenantContext, seen: Approval): Promise<TenantContext> {
  const { tenantId } = seen;
  await hold(acting.services, tenantId, standsOn(seen));
  const tenant = await Tenant.findByPk(tenantId);
  if (tenant?.status !== 'active') throw new Conflict('This organisation is suspended. Resume it first.');
  return { ...acting, tenant: inContext(tenant) };
}

const DECIDED: Partial<Record<Approval['state'], string>> = {
  approved: 'has approved it already',
  refused: 'has refused it already',
  withdrawn: 'has taken it back',
};

function refuseDecision({ approval, state, decider }: ListedApproval): never {
  const decided = DECIDED[state];
  if (decided !== undefined) throw new Conflict(`This no longer waits: ${decider?.name ?? 'somebody'} ${decided}.`);
  if (state !== 'waiting') throw new Conflict('This no longer waits: its time is over, or what it was for has ended.');
  throw new Forbidden(
    approval.kind === 'api-token'
      ? 'You cannot decide this: it is your own request or about your own account, or it is an owner’s to decide.'
      : 'You cannot decide this: it is your own request or about your own account, or the account may do more than yours.',
  );
}

// Two who have asked for each other: the first that is approved makes the other void.
function standsOn({ userId, requestedBy }: Approval): string[] {
  return [userId, ...(requestedBy === null ? [] : [requestedBy])];
}

function targetOf({ userId }: Approval) {
  return { type: 'user', id: userId } as const;
}
