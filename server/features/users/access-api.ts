import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { listSessions } from '../sessions/actions.js';
import { sessionAsJson, sessionShape } from '../sessions/api.js';
import { endSessionsOf, unlock } from './access.js';
import { readUser } from './follow.js';
import { unlockBody } from './input.js';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'delete',
    path: '/users/:id/lock',
    tag: 'Users',
    summary: 'Unlock a user',
    description:
      'Lets an account that is locked after failed sign-ins be tried again at once. Where wrong codes have locked it, `reason` is needed, and `users:two-factor`.',
    access: may('users:write'),
    body: unlockBody,
    refusals: [409],
    async handler({ context, id, body }) {
      await unlock(context, id, body.reason);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/users/:id/sessions',
    tag: 'Users',
    summary: 'The browsers a user is signed in with',
    access: may('users:read'),
    query: listQuery,
    reply: listOf(sessionShape),
    async handler({ context, id, query }) {
      const sessions = await listSessions(context, await readUser(context, id));
      return pageOf(context, `users/${id}/sessions`, sessions.map(sessionAsJson), query);
    },
  }),
  apiRoute({
    method: 'delete',
    path: '/users/:id/sessions',
    tag: 'Users',
    summary: 'End all sessions of a user',
    description: 'Links that were mailed to the user are void from then on, too.',
    access: may('users:write'),
    refusals: [409],
    async handler({ context, id }) {
      await endSessionsOf(context, id);
    },
  }),
];
