import { Approval } from '#models/approval.js';
import { User } from '#models/user.js';
import { mayDecide } from '#policies/approval.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Conflict, Forbidden, NotFound } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { closeApproval, isOpen } from '#server/identity/approvals.js';
import { record } from '#server/trace/record.js';
import { KINDS, type Asked } from './kinds.js';
import { tellRequester } from './tell.js';

const MOST_LISTED = 200;

/** Somebody as a page names them; null once they are gone, or where it was the command line. */
type Named = Pick<User, 'id' | 'name' | 'username'> | null;

export interface ListedApproval extends Asked {
  approval: Approval;
  /** What has become of it; one that has waited too long is void. */
  state: Approval['state'];
  label: string;
  owner: Named;
  requester: Named;
  decider: Named;
  /** The actor may say yes or no to it now. */
  mayDecide: boolean;
}

/** What waits in the organisation, and what was decided lately: the newest first. */
export async function listApprovals(context: TenantContext): Promise<ListedApproval[]> {
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const rows = await Approval.findAll({
    where: { tenantId: context.tenant.id },
    order: [
      ['createdAt', 'DESC'],
      ['id', 'DESC'],
    ],
    limit: MOST_LISTED,
  });
  return listed(context, rows);
}

/** One of them. */
export async function findApproval(context: TenantContext, id: string): Promise<ListedApproval> {
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const row = await Approval.findOne({ where: { tenantId: context.tenant.id, id } });
  const [found] = row ? await listed(context, [row]) : [];
  if (!found) throw new NotFound();
  return found;
}

/** Says yes: what was asked for is done, and whoever asked gets a mail. */
export async function approve(context: TenantContext, id: string): Promise<void> {
  await deciding(context, id, async (acting, { approval, what, moot }) => {
    if (moot)
      throw new Conflict('What this was for has ended: the role was taken, or the account or the token is no more.');
    await closeApproval(acting, approval, 'approved', '');
    await KINDS[approval.kind].approve(acting, approval);
    await record(acting, { event: 'approval.given', target: targetOf(approval), details: { about: what } });
    await tellRequester(acting, approval, what, { decision: 'has been approved', answer: '' });
  });
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
    await tellRequester(acting, approval, what, { decision: 'has been refused', answer: reason });
  });
}

// Read again once the locks are held: who may decide, and whether there still is something to decide.
async function deciding(
  context: TenantContext,
  id: string,
  decide: (acting: TenantContext, found: ListedApproval) => Promise<void>,
): Promise<void> {
  const seen = await Approval.findOne({ where: { tenantId: context.tenant.id, id }, attributes: ['userId'] });
  if (!seen) throw new NotFound();
  await actingNow(
    context,
    'users:write',
    async (acting) => {
      const found = await findApproval(acting, id);
      if (!mayDecide(acting.actor, found.approval))
        throw new Forbidden(
          'You cannot decide this: it is your own request or about your own account, or it is an owner’s to decide.',
        );
      await decide(acting, found);
    },
    { userId: seen.userId },
  );
}

function targetOf({ userId }: Approval) {
  return { type: 'user', id: userId } as const;
}

async function listed(context: TenantContext, rows: readonly Approval[]): Promise<ListedApproval[]> {
  const { tenant, actor, now } = context;
  const ids = rows.flatMap(({ userId, requestedBy, decidedBy }) => [userId, requestedBy, decidedBy]);
  const people = await User.findAll({
    where: { tenantId: tenant.id, id: [...new Set(ids.filter((id) => id !== null))] },
    attributes: ['id', 'name', 'username'],
  });
  const named = (id: string | null): Named => people.find((one) => one.id === id) ?? null;
  const found: ListedApproval[] = [];
  for (const approval of rows) {
    const kind = KINDS[approval.kind];
    const open = isOpen(approval, now);
    found.push({
      ...(await kind.asked(approval, now)),
      approval,
      state: approval.state === 'waiting' && !open ? 'void' : approval.state,
      label: kind.label,
      owner: named(approval.userId),
      requester: named(approval.requestedBy),
      decider: named(approval.decidedBy),
      mayDecide: open && mayDecide(actor, approval),
    });
  }
  return found;
}
