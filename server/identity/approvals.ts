import { Op } from 'sequelize';
import { Approval } from '#models/approval.js';
import type { ApprovalKind } from '#policies/enumerations.js';
import { mayDecide, type RequestedApproval } from '#policies/approval.js';
import { standingOf } from '#policies/role.js';
import type { User } from '#models/user.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { DAY } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import { adminsOf } from './admins.js';

/** How long something waits before it is void. */
const APPROVAL_LIFE = 7 * DAY;

/** What is asked for: about whose account, about what there, and what the log calls it. */
export interface AskedFor {
  kind: ApprovalKind;
  userId: string;
  subjectId: string;
  reason?: string;
  about: string;
}

/** Asks for an approval. Whatever it is for must open nothing meanwhile. Inside the write that makes it. */
export async function askForApproval(
  context: TenantContext,
  { kind, userId, subjectId, reason = '', about }: AskedFor,
): Promise<Approval> {
  const { tenant, actor, now } = context;
  const approval = await Approval.create({
    tenantId: tenant.id,
    kind,
    userId,
    subjectId,
    requestedBy: actor.id,
    reason,
    state: 'waiting',
    createdAt: now,
    expiresAt: now + APPROVAL_LIFE,
  });
  const target = { type: 'user', id: userId } as const;
  await record(context, {
    event: 'approval.requested',
    target,
    details: { about, ...(reason ? { reason } : {}) },
    personal: ['reason'],
  });
  return approval;
}

/** Whether it still waits for an answer. */
export function isOpen({ state, expiresAt }: Pick<Approval, 'state' | 'expiresAt'>, now: number): boolean {
  return state === 'waiting' && expiresAt > now;
}

/** Closes one that waits; throws `Conflict` when another has been first, or it has waited too long. Inside a write. */
export async function closeApproval(
  { now, actor }: Pick<Context, 'now' | 'actor'>,
  { id, tenantId }: Approval,
  state: 'approved' | 'refused',
  answer: string,
): Promise<void> {
  const [closed] = await Approval.update(
    { state, answer, decidedBy: actor?.id ?? null, decidedAt: now },
    { where: { tenantId, id, state: 'waiting', expiresAt: { [Op.gt]: now } } },
  );
  if (closed !== 1) throw new Conflict('This no longer waits: somebody has decided it, or its time is over.');
}

/** Everybody who may say yes or no to this. */
export async function decidersOf(tenantId: string, requested: RequestedApproval): Promise<User[]> {
  return (await adminsOf(tenantId, '')).filter(({ id, roles = [] }) =>
    mayDecide({ kind: 'user', id, tenantId, platform: false, ...standingOf(roles) }, requested),
  );
}
