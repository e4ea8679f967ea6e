import * as z from 'zod';
import { PERMISSIONS } from '#policies/permissions.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { whyFilters } from './input.js';
import { explainRights } from './why.js';

const named = z.object({ id: z.uuid(), name: z.string() });

const explanation = z
  .object({
    hindrances: z
      .array(
        z.enum([
          'disabled',
          'invited',
          'leaving',
          'must-change-password',
          'must-set-up-two-factor',
          'must-add-passkey',
        ]),
      )
      .describe('What takes everything from the account for now.'),
    permissions: z.array(
      z.object({
        permission: z.enum(PERMISSIONS.map(({ name }) => name)),
        can: z.boolean().describe('They have it now: a role grants it, and nothing takes it away.'),
        by: z
          .array(named.extend({ givenAt: apiTime.nullable(), givenBy: named.nullable() }))
          .describe('The roles that grant it. A time without somebody: the command line, or who is no longer there.'),
        strippedBy: z.array(named).describe('The read-only roles that take it away.'),
      }),
    ),
  })
  .meta({ id: 'Rights' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/users/:id/why',
    tag: 'Users',
    summary: 'Why a user may do something, or may not',
    description: 'Which role gives each permission, who gave that role and when, and what takes it away.',
    access: may('users:read'),
    query: z.object(whyFilters),
    reply: explanation,
    async handler({ context, id, query }) {
      const { hindrances, permissions } = await explainRights(context, id, query.permission);
      return {
        hindrances,
        permissions: permissions.map(({ by, ...why }) => ({
          ...why,
          by: by.map(({ id: roleId, name, givenAt, givenBy }) => ({
            id: roleId,
            name,
            givenAt: isoTime(givenAt),
            givenBy,
          })),
        })),
      };
    },
  }),
];
