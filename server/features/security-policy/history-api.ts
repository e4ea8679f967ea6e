import { z } from 'zod';
import { PolicyEntry } from '#models/policy-entry.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { findPastChange, readHistory, type PastChange } from './history.js';
import { author, difference, differenceAsJson, policy, policyAsJson } from './shape.js';

const LIST = 'policy-history';

const columns = replyOf(PolicyEntry, ['id', 'changedAt', 'door', 'way', 'restoredId'], {
  way: '`begun` is how the policy was found when its history began to be kept.',
  restoredId: 'Of a restoration: the change of which the outcome was put back.',
});

const change = z
  .object({ ...columns.shape, author, differences: z.array(difference) })
  .meta({ id: 'SecurityPolicyChange' });

const wholeChange = change
  .extend({ policy: policy.partial().describe('The policy after it; without what has become a setting since.') })
  .meta({ id: 'SecurityPolicyChangeWithOutcome' });

export const historyApiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/security-policy/history',
    tag: 'Security policy',
    summary: 'Who changed the security policy, newest first',
    access: may('policy:read'),
    query: listQuery,
    reply: listOf(change),
    async handler({ context, query: { limit, cursor } }) {
      const [changedAt, id] = cursor === undefined ? [] : readCursor(context, LIST, cursor);
      const behind = id === undefined ? undefined : { changedAt: Number(changedAt), id: String(id) };
      const { changes, total } = await readHistory(context, { behind, limit });
      const last = changes.at(-1)?.entry;
      const next = last && total > limit ? makeCursor(context, LIST, [last.changedAt, last.id]) : null;
      return { data: changes.map(asJson), next };
    },
  }),
  apiRoute({
    method: 'get',
    path: '/security-policy/history/:id',
    tag: 'Security policy',
    summary: 'One change of the security policy, and its outcome',
    access: may('policy:read'),
    reply: wholeChange,
    async handler({ context, id }) {
      const past = await findPastChange(context, id);
      return { ...asJson(past), policy: policyAsJson(past.state) };
    },
  }),
];

function asJson({ entry, author: by, differences }: PastChange) {
  return { ...columns.asJson(entry), author: by, differences: differences.map(differenceAsJson) };
}
