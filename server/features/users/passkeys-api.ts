import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { approvalAsJson, approvalShape } from '#server/api/approval-shape.js';
import { passkeyAsJson, passkeyShape } from '#server/api/passkey-shape.js';
import { apiRoute, Waiting, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listPasskeys, shownPasskey } from '#server/identity/passkey.js';
import { readUser } from './follow.js';
import { disablingBody } from './input.js';
import { removePasskeysOf } from './take.js';

const PATH = '/users/:id/passkeys';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: PATH,
    tag: 'Users',
    summary: 'The passkeys of a user',
    access: may('users:read'),
    query: listQuery,
    reply: listOf(passkeyShape),
    async handler({ context, id, query }) {
      const passkeys = await listPasskeys(await readUser(context, id));
      const shown = passkeys.map((one) => passkeyAsJson(shownPasskey(context, context.tenant, one)));
      return pageOf(context, `users/${id}/passkeys`, shown, query);
    },
  }),
  apiRoute({
    method: 'delete',
    path: PATH,
    tag: 'Users',
    summary: 'Remove all passkeys of a user',
    description:
      'For who has lost them. Every session of the user ends, and they are told; where no factor is left, a link to set up the next is mailed to them, unless their password opens nothing. Where a second administrator has to approve it, 202 and what waits. Not for yourself.',
    access: may('users:two-factor'),
    body: disablingBody,
    waiting: approvalShape,
    refusals: [409],
    async handler({ context, id, body }) {
      const { approval } = await removePasskeysOf(context, id, { reason: body.reason, minutes: null });
      return approval ? new Waiting(approvalAsJson(approval)) : undefined;
    },
  }),
];
