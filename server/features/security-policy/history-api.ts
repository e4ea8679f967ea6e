import * as z from 'zod';
import { PolicyEntry } from '#models/policy-entry.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { changePolicy } from './actions.js';
import { changeBackTo, findPastChange, readHistory, type PastChange } from './history.js';
import { restoration } from './input.js';
import { present, presentAsJson } from './scheduled-api.js';
import { refuseIdle, schedulePolicy, startOf } from './schedule.js';
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
  apiRoute({
    method: 'post',
    path: '/security-policy/history/:id/restoration',
    tag: 'Security policy',
    summary: 'Put back the policy as it was after a change',
    description:
      'What is a setting only since stays as it is. Its `policy`, sent to `/security-policy/preview`, tells before what that does.',
    access: may('policy:write'),
    body: restoration,
    reply: present,
    refusals: [409],
    async handler({ context, id, body: { startsAt: typed, replaces } }) {
      const past = await findPastChange(context, id, 'policy:write');
      const [change, startsAt, restores] = [changeBackTo(past), startOf(context, typed), past.entry.id];
      refuseIdle(startsAt, replaces);
      const now =
        startsAt === null
          ? (await changePolicy(context, change, { restores })).after
          : await schedulePolicy(context, change, { startsAt, replaces: replaces || null, restores });
      return presentAsJson(context, now);
    },
  }),
];

function asJson({ entry, author: by, differences }: PastChange) {
  return { ...columns.asJson(entry), author: by, differences: differences.map(differenceAsJson) };
}
