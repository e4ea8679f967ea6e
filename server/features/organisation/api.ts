import * as z from 'zod';
import { Tenant } from '#models/tenant.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { changeOrganisation, readOrganisation, SETTINGS } from './actions.js';
import { organisationChanges } from './input.js';

const { shape, asJson } = replyOf(Tenant, ['id', 'slug', ...SETTINGS], {
  colour: 'One of the names, or a number such as #0f766e.',
  defaultRoleId: 'What a new user gets unless another role is chosen; null is the role User.',
  accountRemovalDays: 'For how many days somebody who deletes their own account can take that back.',
});

const logo = z.string().nullable().describe('The address of the logo, from the root of the portal; null: none.');
const organisation = z.object({ ...shape, logo }).meta({ id: 'Organisation' });
const inFull = (tenant: Tenant) => ({ ...asJson(tenant), logo: tenant.logoPath });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/organisation',
    tag: 'Organisation',
    summary: 'The settings of the organisation',
    access: may('organisation:read'),
    reply: organisation,
    handler: async ({ context }) => inFull(await readOrganisation(context)),
  }),
  apiRoute({
    method: 'patch',
    path: '/organisation',
    tag: 'Organisation',
    summary: 'Change the settings of the organisation',
    description: 'What is left out stays as it is.',
    access: may('organisation:write'),
    body: organisationChanges,
    large: true,
    reply: organisation,
    handler: async ({ context, body }) => inFull(await changeOrganisation(context, body)),
  }),
];
