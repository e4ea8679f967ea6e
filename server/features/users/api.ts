import * as z from 'zod';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { User } from '#models/user.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery } from '#server/api/lists.js';
import type { UserContext } from '#server/context.js';
import { createUser } from './create.js';
import { changeUser } from './edit.js';
import { followUsers, readUser, type FollowedUser } from './follow.js';
import { newUserBody, userChanges, userFilters } from './input.js';
import { removeUser } from './remove.js';
import { findUser } from '#server/identity/user.js';

const who = replyOf(User, ['id', 'kind', 'status', 'username', 'name', 'email'], {
  kind: 'A service account is for programs: it has no password and signs in nowhere.',
});
const state = ['twoFactor', 'mustSetUpTwoFactor', 'mustChangePassword', 'breakGlass', 'locale', 'timeZone'] as const;
const standing = replyOf(User, [...state], {
  breakGlass: 'Kept for the day on which nothing else opens the organisation: all owners are told of each sign-in.',
});
const times = replyOf(User, ['lockedUntil', 'createdAt', 'lastSignedInAt', 'passwordChangedAt', 'removalAt'], {
  removalAt: 'When the account goes, whose owner has asked for that and can still take it back.',
  lockedUntil: 'While it is locked after failed sign-ins.',
});

const user = z
  .object({
    ...who.shape,
    roles: z.array(z.object({ id: z.uuid(), name: z.string() })),
    ...standing.shape,
    ...times.shape,
  })
  .meta({ id: 'User' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/users',
    tag: 'Users',
    summary: 'The users of the organisation',
    access: may('users:read'),
    query: listQuery.extend(userFilters),
    reply: listOf(user),
    async handler({ context, query: { limit, cursor, sort, ...filters } }) {
      const list = `users ${sort}`;
      const after = cursor === undefined ? null : readCursor(context, list, cursor);
      const { users, next } = await followUsers(context, filters, { sort, limit, after });
      return { data: users.map((one) => asJson(one, context)), next: next && makeCursor(context, list, next) };
    },
  }),
  apiRoute({
    method: 'post',
    path: '/users',
    tag: 'Users',
    summary: 'Add a user',
    description:
      'A person is mailed an invitation, and sets the password with it. A service account is active at once.',
    access: may('users:write'),
    body: newUserBody,
    status: 201,
    reply: user,
    replyHeaders: { Location: 'The address of the new user.' },
    async handler({ context, body, res }) {
      const { id } = await createUser(context, {
        ...body,
        onboarding: 'invite',
        password: '',
        mustChangePassword: false,
      });
      res.setHeader('Location', `/api/v1/users/${id}`);
      return reread(context, id);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/users/:id',
    tag: 'Users',
    summary: 'One user',
    access: may('users:read'),
    reply: user,
    handler: async ({ context, id }) => asJson(await readUser(context, id), context),
  }),
  apiRoute({
    method: 'patch',
    path: '/users/:id',
    tag: 'Users',
    summary: 'Change a user',
    description:
      'What is left out stays as it is. A new address, other roles and being disabled end the sessions of the user.',
    access: may('users:write'),
    body: userChanges,
    reply: user,
    refusals: [409],
    async handler({ context, id, body }) {
      await changeUser(context, id, body);
      return reread(context, id);
    },
  }),
  apiRoute({
    method: 'delete',
    path: '/users/:id',
    tag: 'Users',
    summary: 'Delete a user',
    description: 'This cannot be undone.',
    access: may('users:delete'),
    refusals: [409],
    async handler({ context, id }) {
      await removeUser(context, id, null);
    },
  }),
];

// Whoever may write has just been told what they wrote, whether or not they may read.
async function reread(context: UserContext, id: string): Promise<z.output<typeof user>> {
  return asJson(await findUser(context, id), context);
}

function asJson(one: FollowedUser, { now }: UserContext): z.output<typeof user> {
  return {
    ...who.asJson(one),
    roles: one.roles.map(({ id, name }) => ({ id, name })),
    ...standing.asJson(one),
    ...times.asJson(one),
    ...((one.lockedUntil ?? 0) > now ? {} : { lockedUntil: null }),
  };
}
