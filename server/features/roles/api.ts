import * as z from 'zod';
import { Role } from '#models/role.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { changeRole, createRole } from './actions.js';
import { removalFilters, roleBody, roleChanges } from './input.js';
import { findRole, listRoles } from './list.js';
import { previewRoutes } from './preview-api.js';
import { removeRole } from './remove.js';

const named = replyOf(Role, ['id', 'key', 'name', 'description'], {
  key: 'Of a factory role; null for a role of your own.',
});
const bound = replyOf(
  Role,
  ['readOnly', 'requiresTwoFactor', 'requiresPhishingResistant', 'tokensNeedApproval', 'createdAt'],
  {
    readOnly: 'Whoever holds it can change nothing, whatever their other roles grant.',
    requiresPhishingResistant: 'Its people sign in with a passkey; a code lets them add one, and no more.',
    tokensNeedApproval: 'A token that is bound to it opens nothing until an owner has approved it.',
  },
);

const role = z
  .object({
    ...named.shape,
    permissions: z.array(z.enum(PERMISSIONS.map(({ name }) => name))),
    ...bound.shape,
  })
  .meta({ id: 'Role' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/roles',
    tag: 'Roles',
    summary: 'The roles of the organisation',
    access: may('roles:read'),
    query: listQuery,
    reply: listOf(role),
    async handler({ context, query }) {
      return pageOf(
        context,
        'roles',
        (await listRoles(context)).map((one) => asJson(one.role)),
        query,
      );
    },
  }),
  apiRoute({
    method: 'post',
    path: '/roles',
    tag: 'Roles',
    summary: 'Make a role',
    description: 'It can grant nothing that you may not do yourself.',
    access: may('roles:write'),
    body: roleBody,
    status: 201,
    reply: role,
    replyHeaders: { Location: 'The address of the new role.' },
    async handler({ context, body, res }) {
      const made = await createRole(context, body);
      res.setHeader('Location', `/api/v1/roles/${made.id}`);
      return asJson(made);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/roles/:id',
    tag: 'Roles',
    summary: 'One role',
    access: may('roles:read'),
    reply: role,
    handler: async ({ context, id }) => asJson(await findRole(context, id)),
  }),
  apiRoute({
    method: 'patch',
    path: '/roles/:id',
    tag: 'Roles',
    summary: 'Change a role',
    description:
      'What is left out stays as it is. Of a factory role only `requiresTwoFactor`, `requiresPhishingResistant` and `tokensNeedApproval` can be changed.',
    access: may('roles:write'),
    body: roleChanges,
    reply: role,
    handler: async ({ context, id, body }) => asJson(await changeRole(context, id, body)),
  }),
  apiRoute({
    method: 'delete',
    path: '/roles/:id',
    tag: 'Roles',
    summary: 'Remove a role',
    description: 'One of your own. Whoever holds it gets the replacement, and signs in again.',
    access: may('roles:write'),
    query: z.object(removalFilters),
    async handler({ context, id, query }) {
      await removeRole(context, id, query);
    },
  }),
  ...previewRoutes,
];

function asJson(one: Role): z.output<typeof role> {
  return { ...named.asJson(one), permissions: [...one.grants], ...bound.asJson(one) };
}
