import { approvalAsJson, approvalShape } from '#server/api/approval-shape.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import type { TenantContext } from '#server/context.js';
import { may } from '#server/input/access.js';
import { approve, refuse, withdraw } from './actions.js';
import { approvalFilters, refusalBody } from './input.js';
import { findApproval, listApprovals, type ListedApproval } from './look.js';

const PATH = '/approvals';
const TAG = 'Approvals';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: PATH,
    tag: TAG,
    summary: 'What waits for an approval, and what was decided lately',
    access: may('users:read'),
    query: listQuery.extend(approvalFilters),
    reply: listOf(approvalShape),
    handler: async ({ context, query }) =>
      pageOf(context, 'approvals', (await listApprovals(context, query)).map(asJson), query),
  }),
  apiRoute({
    method: 'get',
    path: `${PATH}/:id`,
    tag: TAG,
    summary: 'One of them',
    access: may('users:read'),
    reply: approvalShape,
    handler: ({ context, id }) => shown(context, id),
  }),
  apiRoute({
    method: 'post',
    path: `${PATH}/:id/approval`,
    tag: TAG,
    summary: 'Approve a request',
    description:
      'What was asked for is done at once. Never your own request, nor one about your own account. Where an access pass comes of it, only the page approves it, which shows the pass.',
    access: may('users:write'),
    reply: approvalShape,
    refusals: [409],
    async handler({ context, id }) {
      await approve(context, id, { withPass: false });
      return shown(context, id);
    },
  }),
  apiRoute({
    method: 'post',
    path: `${PATH}/:id/refusal`,
    tag: TAG,
    summary: 'Refuse a request',
    access: may('users:write'),
    body: refusalBody,
    reply: approvalShape,
    refusals: [409],
    async handler({ context, id, body }) {
      await refuse(context, id, body.reason);
      return shown(context, id);
    },
  }),
  apiRoute({
    method: 'post',
    path: `${PATH}/:id/withdrawal`,
    tag: TAG,
    summary: 'Take back an own request',
    description: 'Nothing comes of it, and the owner of the account is told. A token that waits is revoked instead.',
    access: may('users:two-factor'),
    reply: approvalShape,
    refusals: [409],
    async handler({ context, id }) {
      await withdraw(context, id);
      return shown(context, id);
    },
  }),
];

async function shown(context: TenantContext, id: string) {
  return asJson(await findApproval(context, id));
}

function asJson({ approval, state }: ListedApproval) {
  return { ...approvalAsJson(approval), state };
}
