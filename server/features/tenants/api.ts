import * as z from 'zod';
import { Tenant } from '#models/tenant.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, Download, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { changeTenant, createTenantWithOwner } from './actions.js';
import { exportTenant } from './export.js';
import { readTenant } from './figures.js';
import { inviteOwnersAgain } from './invite.js';
import { newTenantBody, tenantChanges, tenantFilters } from './input.js';
import { listTenants } from './list.js';
import { removeTenant } from './remove.js';

const { shape, asJson } = replyOf(Tenant, ['id', 'slug', 'name', 'status', 'createdAt', 'suspendedAt']);

const tenant = z.object(shape).meta({ id: 'Tenant' });

const tenantWithFigures = z
  .object({
    ...shape,
    users: z.object({ invited: z.number(), active: z.number(), disabled: z.number() }),
    sessions: z.number().describe('Open now.'),
    lastSignInAt: apiTime.nullable(),
    logRows: z.number(),
  })
  .meta({ id: 'TenantWithFigures' });

const everything = z
  .looseObject({
    exportedAt: apiTime,
    tenants: z.array(z.looseObject({ id: z.uuid() })),
    users: z.array(z.looseObject({ id: z.uuid() })).describe('And so on.'),
  })
  .meta({ id: 'WholeTenant' });

const LIST = 'tenants';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/tenants',
    tag: 'Organisations',
    summary: 'The organisations of this installation',
    description: 'For operators, as are all calls on organisations.',
    access: may('tenants:read'),
    query: listQuery.extend(tenantFilters),
    reply: listOf(tenant),
    async handler({ context, query: { q, status: wanted, limit, cursor } }) {
      const [after] = cursor === undefined ? [] : readCursor(context, LIST, cursor);
      const { tenants } = await listTenants(context, {
        q,
        status: wanted,
        size: limit + 1,
        after: after === undefined ? undefined : String(after),
      });
      const data = tenants.slice(0, limit);
      const last = data.at(-1);
      return {
        data: data.map(asJson),
        next: last && tenants.length > limit ? makeCursor(context, LIST, [last.slug]) : null,
      };
    },
  }),
  apiRoute({
    method: 'post',
    path: '/tenants',
    tag: 'Organisations',
    summary: 'Make an organisation',
    description: 'Its first owner is mailed an invitation.',
    access: may('tenants:write'),
    body: newTenantBody,
    status: 201,
    reply: tenant,
    replyHeaders: { Location: 'The address of the new organisation.' },
    async handler({ context, body, res }) {
      const made = await createTenantWithOwner(context, body);
      res.setHeader('Location', `/api/v1/tenants/${made.tenant.id}`);
      return asJson(made.tenant);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/tenants/:id',
    tag: 'Organisations',
    summary: 'One organisation, with its figures',
    access: may('tenants:read'),
    reply: tenantWithFigures,
    async handler({ context, id }) {
      const { tenant: found, users, sessions, lastSignInAt, logRows } = await readTenant(context, id);
      return { ...asJson(found), users, sessions, lastSignInAt: isoTime(lastSignInAt), logRows };
    },
  }),
  apiRoute({
    method: 'patch',
    path: '/tenants/:id',
    tag: 'Organisations',
    summary: 'Rename, suspend or resume an organisation',
    description:
      'What is left out stays as it is. Of a suspended organisation everybody is out at once, and nothing is lost.',
    access: may('tenants:write'),
    body: tenantChanges,
    reply: tenant,
    refusals: [409],
    handler: async ({ context, id, body }) => asJson(await changeTenant(context, id, body)),
  }),
  apiRoute({
    method: 'delete',
    path: '/tenants/:id',
    tag: 'Organisations',
    summary: 'Remove an organisation',
    description:
      'For good, with its people and all that is theirs, and without asking again. Its security log stays, and the platform’s has the removal.',
    access: may('tenants:write'),
    status: 204,
    async handler({ context, id }) {
      await removeTenant(context, id, null);
    },
  }),
  apiRoute({
    method: 'post',
    path: '/tenants/:id/export',
    tag: 'Organisations',
    summary: 'All that is kept of an organisation',
    description:
      'As a file, sent part by part: a list for each kind of row, by its name. Never a secret, nor a hash of one. It stands in the log of the organisation and of the platform.',
    access: may('tenants:write'),
    reply: everything,
    replyHeaders: { 'Content-Disposition': 'The name of the file.' },
    async handler({ context, id }) {
      const { name, begin } = await exportTenant(context, id);
      return new Download(name, begin);
    },
  }),
  apiRoute({
    method: 'post',
    path: '/tenants/:id/invitation',
    tag: 'Organisations',
    summary: 'Mail the owners who have not come yet their invitation again',
    description: 'The one before no longer works.',
    access: may('tenants:write'),
    reply: z.object({ invited: z.number().describe('How many they are.') }).meta({ id: 'InvitedOwners' }),
    refusals: [409],
    handler: async ({ context, id }) => ({ invited: await inviteOwnersAgain(context, id) }),
  }),
];
