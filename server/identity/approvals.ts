import { Op } from 'sequelize';
import { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import type { User } from '#models/user.js';
import type { ApprovalKind } from '#policies/enumerations.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';

/** How long something waits before it is void, in words too. */
export function lifeOf(kind: ApprovalKind): { ms: number; words: string } {
  return kind === 'api-token' ? { ms: 7 * DAY, words: 'seven days' } : { ms: DAY, words: '24 hours' };
}

/** What is asked for: about whose account, about what there, and what the log calls it. */
export interface AskedFor {
  kind: ApprovalKind;
  userId: string;
  subjectId: string;
  reason?: string;
  about: string;
  /** Whose people decide, where those of the organisation do not. */
  decidingTenantId?: string;
  /** The account as it is: once it is another, nobody can be given this any more. */
  epoch?: number;
  minutes?: number | null;
}

/** Asks for an approval. Whatever it is for must open nothing meanwhile. Inside the write that makes it. */
export async function askForApproval(
  context: TenantContext,
  { kind, userId, subjectId, reason = '', about, epoch, minutes, decidingTenantId }: AskedFor,
): Promise<Approval> {
  const { tenant, actor, now, user } = context;
  const same = { tenantId: tenant.id, kind, subjectId, state: 'waiting' } as const;
  await Approval.update({ state: 'void', decidedAt: now }, { where: { ...same, expiresAt: { [Op.lte]: now } } });
  if ((await Approval.count({ where: same })) > 0)
    throw new Conflict('This has been asked for already, and waits under Approvals for somebody else to decide it.');
  const approval = await Approval.create({
    tenantId: tenant.id,
    decidingTenantId: decidingTenantId ?? tenant.id,
    kind,
    userId,
    subjectId,
    requestedBy: actor.id,
    reason,
    epoch: epoch ?? null,
    requesterEpoch: epoch === undefined ? null : (user?.epoch ?? null),
    minutes: minutes ?? null,
    state: 'waiting',
    decidedBy: null,
    decidedAt: null,
    createdAt: now,
    expiresAt: now + lifeOf(kind).ms,
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
  state: 'approved' | 'refused' | 'withdrawn',
  answer: string,
): Promise<void> {
  const [closed] = await Approval.update(
    { state, answer, decidedBy: actor?.id ?? null, decidedAt: now },
    { where: { tenantId, id, state: 'waiting', expiresAt: { [Op.gt]: now } } },
  );
  if (closed !== 1) throw new Conflict('This no longer waits: somebody has decided it, or its time is over.');
}

/** Mails these people that so many requests wait for them. Inside a write. */
export async function tellDeciders(
  context: Context,
  decidingTenantId: string,
  people: readonly { to: User; waiting: number }[],
): Promise<void> {
  const tenant = await Tenant.findByPk(decidingTenantId, { rejectOnEmpty: true });
  const approvalsLink = '/admin/approvals';
  for (const { to, waiting } of people) {
    const what = waiting === 1 ? 'One request waits' : `${waiting} requests wait`;
    await queueMail(context, { event: 'approvals-waiting', to, tenant, variables: { waiting: what, approvalsLink } });
  }
}
