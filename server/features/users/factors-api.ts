import * as z from 'zod';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { factorKinds } from '#server/identity/factor-kind.js';
import { factorsOf } from '#server/identity/factors.js';
import { readUser } from './follow.js';

const factor = z
  .object({
    id: z.string().describe('What the portal calls this kind.'),
    label: z.string().describe('What people call it.'),
    asked: z.boolean().describe('Whether it completes a sign-in now: the policy may let a kind sleep.'),
  })
  .meta({ id: 'Factor' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/users/:id/factors',
    tag: 'Users',
    summary: 'The kinds of second factor that a user has',
    access: may('users:read'),
    query: listQuery,
    reply: listOf(factor),
    async handler({ context, id, query }) {
      const user = await readUser(context, id);
      const asked = await factorsOf(user, context.policy);
      const held = [];
      for (const { name, label, has } of factorKinds())
        if (await has(user)) held.push({ id: name, label, asked: asked.includes(name) });
      return pageOf(context, `users/${id}/factors`, held, query);
    },
  }),
];
