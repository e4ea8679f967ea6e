import { Op } from 'sequelize';
import { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { mayDecide } from '#policies/approval.js';
import type { ApprovalKind } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import { standingOf } from '#policies/role.js';
import { plainLetters } from '#policies/text.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { isOpen } from '#server/identity/approvals.js';
import { newcomersOf } from '#server/identity/deciders.js';
import { askedIn, LABELS, type Asked } from './asked.js';

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
  /** The organisation that it is about, where that is another than the reader's. */
  organisation: string | null;
  /** Operators of the platform decide, because nobody else in the organisation may. */
  byOperators: boolean;
  /** The actor may say yes or no to it now. */
  mayDecide: boolean;
  /** It waits, and the actor has asked for it. */
  mayWithdraw: boolean;
}

/** Which of them are sought; all where nothing is said. */
export interface SoughtApprovals {
  q?: string | undefined;
  state?: Approval['state'] | undefined;
  kind?: ApprovalKind | undefined;
  /** Only what the reader may decide. */
  decide?: 'yes' | undefined;
  /** Only what the reader has asked for. */
  asked?: 'yes' | undefined;
}

/** What waits for the people of the organisation, and what was decided lately: the newest first. */
export async function listApprovals(context: TenantContext, sought: SoughtApprovals = {}): Promise<ListedApproval[]> {
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const rows = await Approval.findAll({
    where: { ...seenBy(context), ...whereOf(context, sought) },
    order: [
      ['createdAt', 'DESC'],
      ['id', 'DESC'],
    ],
    limit: MOST_LISTED,
  });
  const found = await listed(context, rows);
  const words = plainLetters(sought.q ?? '');
  return found.filter((one) => named(one).includes(words) && (!sought.decide || (one.mayDecide && !one.moot)));
}

function named({ what, owner, requester }: ListedApproval): string {
  return plainLetters([what, owner?.name, owner?.username, requester?.name, requester?.username].join(' '));
}

// One that has waited too long is void, before any job has looked at it.
function whereOf({ actor, now }: TenantContext, { state, kind, decide, asked }: SoughtApprovals) {
  const open = { state: 'waiting', expiresAt: { [Op.gt]: now } };
  const over = { state: 'waiting', expiresAt: { [Op.lte]: now } };
  const states = state === 'waiting' ? open : state === 'void' ? { [Op.or]: [{ state }, over] } : state && { state };
  return {
    [Op.and]: [states ?? {}, decide ? open : {}, kind ? { kind } : {}, asked ? { requestedBy: actor.id ?? '' } : {}],
  };
}

/** One of them. */
export async function findApproval(context: TenantContext, id: string): Promise<ListedApproval> {
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const row = await Approval.findOne({ where: { ...seenBy(context), id } });
  const [found] = row ? await listed(context, [row]) : [];
  if (!found) throw new NotFound();
  return found;
}

/** What an organisation sees: what is about its people; the platform also what its operators decide for others. */
export function seenBy({ tenant }: TenantContext): { tenantId: string } | { decidingTenantId: string } {
  return tenant.platform ? { decidingTenantId: tenant.id } : { tenantId: tenant.id };
}

async function listed(
  { tenant, actor, services, now }: TenantContext,
  rows: readonly Approval[],
): Promise<ListedApproval[]> {
  const tenantIds = [...new Set(rows.flatMap(({ tenantId, decidingTenantId }) => [tenantId, decidingTenantId]))];
  const ids = rows.flatMap(({ userId, requestedBy, decidedBy }) => [userId, requestedBy, decidedBy]);
  const people = await User.findAll({
    where: { tenantId: tenantIds, id: [...new Set(ids.filter((id) => id !== null))] },
    include: 'roles',
  });
  const others = await Tenant.findAll({
    where: { id: { [Op.in]: tenantIds.filter((id) => id !== tenant.id) } },
    attributes: ['id', 'name'],
  });
  // Whoever reads it decides for their own organisation or not at all.
  const newcomers = await newcomersOf({ decidingTenantId: tenant.id }, now);
  const found: ListedApproval[] = [];
  for (const approval of rows) {
    const open = isOpen(approval, now);
    const named = (id: string | null): User | null => people.find((one) => one.id === id) ?? null;
    const owner = named(approval.userId);
    const target = owner && { id: owner.id, tenantId: owner.tenantId, ...standingOf(owner.roles ?? []) };
    const foreign = approval.tenantId !== tenant.id;
    found.push({
      ...(await askedIn({ services, now }, approval)),
      approval,
      state: approval.state === 'waiting' && !open ? 'void' : approval.state,
      label: LABELS[approval.kind],
      owner,
      requester: named(approval.requestedBy),
      decider: named(approval.decidedBy),
      organisation: foreign ? (others.find(({ id }) => id === approval.tenantId)?.name ?? '') : null,
      byOperators: approval.decidingTenantId !== approval.tenantId,
      mayWithdraw:
        open && actor.id === approval.requestedBy && approval.kind !== 'api-token' && can(actor, 'users:two-factor'),
      mayDecide: open && mayDecide(actor, { ...decided(approval), target, newcomers }),
    });
  }
  return found;
}

function decided({ kind, userId, requestedBy, decidingTenantId }: Approval) {
  return { kind, userId, requestedBy, decidingTenantId };
}
