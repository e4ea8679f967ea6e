import { apiRoute, credentialOrSession, type ApiRoute } from '#server/api/route.js';
import { can } from '#policies/can.js';
import { isPermission } from '#policies/permissions.js';
import { BadRequest, Forbidden } from '#server/errors.js';
import { means } from '#server/lib/misspelt.js';
import { guardQuery } from './input.js';

// Passed over, a guard that is misspelt would let everybody in.
const GUARDS = { organization: 2, org: 0, tenant: 1, role: 1, permission: 2, perm: 0 };

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/forward-auth',
    tag: 'Programs',
    summary: 'Whether a request may pass, for a proxy that asks',
    description:
      'For nginx `auth_request`, Traefik ForwardAuth and Caddy `forward_auth`. 401 when nobody is signed in, 403 when the organisation, role or permission that was asked for is not theirs. What is not ASCII in a header is percent-encoded.',
    access: credentialOrSession,
    query: guardQuery,
    status: 200,
    replyHeaders: {
      'X-Gatehouse-User': 'The username.',
      'X-Gatehouse-User-Id': 'The id of the account, which never passes to anybody else.',
      'X-Gatehouse-Organization': 'The short name of the organisation.',
      'X-Gatehouse-Organization-Id': 'The id of the organisation.',
      'X-Gatehouse-Roles': 'The names of the roles, parted by commas.',
      'X-Gatehouse-Permissions': 'The permissions, parted by commas.',
    },
    handler({ context, query: asked, res }) {
      const { permission, organization, role } = asked;
      const misspelt = Object.keys(asked).find((name) => !Object.hasOwn(guardQuery.shape, name) && means(name, GUARDS));
      if (misspelt !== undefined)
        throw new BadRequest(
          `There is no parameter ${misspelt} here. The guards are called organization, role and permission.`,
        );
      if (role !== undefined && organization === undefined)
        throw new BadRequest('Each organisation names its roles itself. Ask for the organization as well.');
      if (organization !== undefined && organization.toLowerCase() !== context.tenant.slug)
        throw new Forbidden('This is for people of another organisation.');
      if (role !== undefined && !context.roleNames.includes(role))
        throw new Forbidden('The role that was asked for is missing.');
      if (permission !== undefined && !(isPermission(permission) && can(context.actor, permission))) {
        throw new Forbidden('The permission that was asked for is missing.');
      }
      res.setHeader('X-Gatehouse-User', asHeader(context.user.username));
      res.setHeader('X-Gatehouse-User-Id', context.user.id);
      res.setHeader('X-Gatehouse-Organization-Id', context.tenant.id);
      res.setHeader('X-Gatehouse-Organization', asHeader(context.tenant.slug));
      res.setHeader('X-Gatehouse-Roles', context.roleNames.map(asHeader).join(','));
      res.setHeader('X-Gatehouse-Permissions', [...context.actor.permissions].join(','));
      return Promise.resolve();
    },
  }),
];

// Header values are ASCII (RFC 9110, 5.5); what is not, and the comma that parts a list, is percent-encoded.
function asHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]|[%,]/gu, (character) => encodeURIComponent(character));
}
