import { Op } from 'sequelize';
import { PolicyEntry } from '#models/policy-entry.js';
import { can } from '#policies/can.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { isPolicyValue } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf } from '#policies/settings.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { authorsOf, type Author } from './author.js';
import type { PolicyChange } from './change.js';

/** One entry of the history. */
export interface PastChange {
  entry: PolicyEntry;
  author: Author;
  differences: PolicyDifference[];
  /** The policy after it, as it was kept: what has become a setting since is not in it. */
  state: Partial<SecurityPolicy>;
}

/** Where in the history: so many entries from its beginning, or behind one of them. */
export interface Place {
  offset?: number;
  behind?: { changedAt: number; id: string } | undefined;
  limit: number;
}

/** A part of the history of the policy, newest first, and how many there are from there on. */
export async function readHistory(
  context: TenantContext,
  { offset = 0, behind, limit }: Place,
): Promise<{ changes: PastChange[]; total: number }> {
  if (!can(context.actor, 'policy:read')) throw new Forbidden();
  const { rows, count: total } = await PolicyEntry.findAndCountAll({
    where: { tenantId: context.tenant.id, ...(behind ? olderThan(behind) : {}) },
    order: [
      ['changedAt', 'DESC'],
      ['id', 'DESC'],
    ],
    offset,
    limit,
  });
  return { changes: await withAuthors(context, rows), total };
}

/** One entry of it, to look at or to put back. */
export async function findPastChange(
  context: TenantContext,
  id: string,
  may: 'policy:read' | 'policy:write' = 'policy:read',
): Promise<PastChange> {
  if (!can(context.actor, may)) throw new Forbidden();
  const entry = await PolicyEntry.findOne({ where: { tenantId: context.tenant.id, id } });
  const [found] = entry ? await withAuthors(context, [entry]) : [];
  if (!found) throw new NotFound();
  return found;
}

/**
 * The change that puts back the policy as it was after an entry. What is a setting only since stays as it is, and so does a
 * value that is no longer one of those to choose from.
 */
export function changeBackTo({ state }: PastChange): PolicyChange {
  const kept = POLICY_FIELDS.filter((field) => isPolicyValue(settingOf(field), state[field]));
  return Object.fromEntries(kept.map((field) => [field, state[field]])) as PolicyChange;
}

async function withAuthors(context: TenantContext, entries: readonly PolicyEntry[]): Promise<PastChange[]> {
  const authorOf = await authorsOf(
    context,
    entries.map(({ actorId }) => actorId),
  );
  return entries.map((entry) => ({
    entry,
    author: authorOf(entry),
    differences: JSON.parse(entry.differences) as PolicyDifference[],
    state: JSON.parse(entry.state) as Partial<SecurityPolicy>,
  }));
}

// Two may be of one millisecond.
function olderThan({ changedAt, id }: { changedAt: number; id: string }) {
  return { [Op.or]: [{ changedAt: { [Op.lt]: changedAt } }, { changedAt, id: { [Op.lt]: id } }] };
}
