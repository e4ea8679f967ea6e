import * as z from 'zod';
import { User } from '#models/user.js';
import { LISTED_KINDS, LISTED_STATES } from '#policies/enumerations.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { credentialAsJson, credentialFields } from '../api-credentials/api.js';
import { revokeCredential, revokeCredentialsOf } from './actions.js';
import { exportApiRoutes } from './export-api.js';
import { credentialFilters } from './input.js';
import { manyApiRoutes } from './many-api.js';
import { findCredential, listCredentials, listCredentialsOf, type ListedCredential } from './list.js';

const owner = replyOf(User, ['id', 'kind', 'username', 'name', 'status', 'twoFactor']);

const credential = z
  .object({
    ...credentialFields,
    kind: z.enum(LISTED_KINDS),
    firstCharacters: z.string().describe('Of an SSH key its fingerprint.'),
    state: z.enum(LISTED_STATES).describe('A `suspended` SSH key waits for its owner to put it back.'),
    owner: z.object(owner.shape),
    overPolicy: z.boolean().describe('It lasts longer than the policy allows today.'),
  })
  .meta({ id: 'Credential' });

export const apiRoutes: ApiRoute[] = [
  ...manyApiRoutes,
  ...exportApiRoutes,
  apiRoute({
    method: 'get',
    path: '/credentials',
    tag: 'Credentials',
    summary: 'Every credential of the organisation that works',
    description:
      'API tokens, API keys, API passwords and SSH keys, the newest first. A page may hold fewer than asked for, or none, and still have a next.',
    access: may('credentials:read'),
    query: listQuery.extend(credentialFilters),
    reply: listOf(credential),
    async handler({ context, query }) {
      const { credentials, next } = await listCredentials(context, query);
      return { data: credentials.map(asJson), next };
    },
  }),
  apiRoute({
    method: 'get',
    path: '/credentials/:id',
    tag: 'Credentials',
    summary: 'One credential',
    access: may('credentials:read'),
    reply: credential,
    handler: async ({ context, id }) => asJson(await findCredential(context, id)),
  }),
  apiRoute({
    method: 'delete',
    path: '/credentials/:id',
    tag: 'Credentials',
    summary: 'Revoke a credential',
    description: 'Its owner is told by mail. Not of somebody who may do more than you. An SSH key is removed.',
    access: may('credentials:revoke'),
    async handler({ context, id }) {
      await revokeCredential(context, id);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/users/:id/credentials',
    tag: 'Users',
    summary: 'The credentials of a user that work',
    access: may('credentials:read'),
    query: listQuery,
    reply: listOf(credential),
    async handler({ context, id, query }) {
      const { credentials, next } = await listCredentialsOf(context, id, query);
      return { data: credentials.map(asJson), next };
    },
  }),
  apiRoute({
    method: 'delete',
    path: '/users/:id/credentials',
    tag: 'Users',
    summary: 'Revoke all API credentials of a user',
    description: 'SSH keys stay. The user is told by mail. Not of somebody who may do more than you.',
    access: may('credentials:revoke'),
    async handler({ context, id }) {
      await revokeCredentialsOf(context, id);
    },
  }),
];

function asJson({
  owner: theirs,
  overPolicy,
  mayRevoke: _mayRevoke,
  ...view
}: ListedCredential): z.output<typeof credential> {
  const { scopes, allowedIps, ...plain } = credentialAsJson(view);
  return {
    ...plain,
    scopes: scopes && [...scopes],
    allowedIps: [...allowedIps],
    owner: owner.asJson(theirs),
    overPolicy,
  };
}
