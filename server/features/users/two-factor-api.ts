import * as z from 'zod';
import { TWO_FACTOR_STATES } from '#policies/enumerations.js';
import { approvalAsJson, approvalShape } from '#server/api/approval-shape.js';
import { apiRoute, Waiting, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { readUser } from './follow.js';
import { disablingBody, resetBody } from './input.js';
import { disableTwoFactorOf, resetTwoFactorOf } from './take.js';

const twoFactor = z.object({ state: z.enum(TWO_FACTOR_STATES) }).meta({ id: 'TwoFactor' });

const PATH = '/users/:id/two-factor';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: PATH,
    tag: 'Users',
    summary: 'The two-factor state of a user',
    access: may('users:read'),
    reply: twoFactor,
    handler: async ({ context, id }) => ({ state: (await readUser(context, id)).twoFactor }),
  }),
  apiRoute({
    method: 'post',
    path: PATH,
    tag: 'Users',
    summary: 'Reset the two-factor secret of a user',
    description:
      'For who has lost their app: the old secret is dead at once, and where no other factor is left, a link to set up a new one is mailed to them, unless their password opens nothing. Where a second administrator has to approve it, 202 and what waits. Not for yourself.',
    access: may('users:two-factor'),
    body: resetBody,
    reply: twoFactor,
    waiting: approvalShape,
    refusals: [409],
    async handler({ context, id, body }) {
      const { approval } = await resetTwoFactorOf(context, id, { reason: body.reason, minutes: null });
      return approval ? new Waiting(approvalAsJson(approval)) : { state: 'pending' };
    },
  }),
  apiRoute({
    method: 'delete',
    path: PATH,
    tag: 'Users',
    summary: 'Disable the two-factor authentication of a user',
    description:
      'Where no other factor is left, the password alone then opens the account, and to set up the next one takes the link that is mailed; where passwords open nothing, an access pass. Where a second administrator has to approve it, 202 and what waits. Not for yourself.',
    access: may('users:two-factor'),
    body: disablingBody,
    waiting: approvalShape,
    refusals: [409],
    async handler({ context, id, body }) {
      const { approval } = await disableTwoFactorOf(context, id, { reason: body.reason, minutes: null });
      return approval ? new Waiting(approvalAsJson(approval)) : undefined;
    },
  }),
];
