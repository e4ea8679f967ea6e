import * as z from 'zod';
import { CREDENTIAL_KINDS, CREDENTIAL_STATES } from '#policies/enumerations.js';
import { ApiCredential } from '#models/api-credential.js';
import { replyOf } from '#server/api/reply.js';
import { anyCredential, apiRoute, type ApiRoute } from '#server/api/route.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { revokeOwn } from './actions.js';
import { tokenDetails, type TokenDetails } from './details.js';
import { listTokens, type CredentialView } from './list.js';

const what = replyOf(ApiCredential, ['id', 'name']);
const when = replyOf(ApiCredential, ['createdAt', 'expiresAt', 'lastUsedAt', 'lastUsedIp']);

/** What the API shows of every credential, one's own and others'. */
export const credentialFields = {
  ...what.shape,
  kind: z.enum(CREDENTIAL_KINDS),
  role: z.string().nullable().describe('Of a token: the name of its role.'),
  roleHeld: z.boolean().describe('False for a token whose owner has lost its role: it does nothing.'),
  scopes: z.array(z.string()).nullable().describe('The only permissions that a token has; null for all of its role.'),
  allowedIps: z.array(z.string()).describe('Where it may be used from; empty for anywhere.'),
  firstCharacters: z.string(),
  ...when.shape,
  state: z.enum(CREDENTIAL_STATES),
};

const token = z.object(credentialFields).meta({ id: 'Token' });

const secret = z.object({ firstCharacters: z.string(), diesAt: apiTime, lastUsedAt: apiTime.nullable() });

const tokenWithDetails = z
  .object({
    ...credentialFields,
    permissions: z.array(z.string()).describe('What it may do now.'),
    addresses: z
      .array(z.object({ ip: z.string(), lastUsedAt: apiTime }))
      .describe('Where it was used from, the last ten.'),
    formerSecrets: z.array(secret).describe('Those of before a rotation that still work.'),
  })
  .meta({ id: 'TokenDetails' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/me/tokens',
    tag: 'Me',
    summary: 'Your API tokens',
    description:
      'Those that work, and those that expired or were revoked in the last 90 days. Tokens are made and rotated on the pages alone.',
    access: anyCredential,
    query: listQuery,
    reply: listOf(token),
    async handler({ context, query }) {
      return pageOf(context, 'me/tokens', (await listTokens(context)).map(credentialAsJson), query);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/me/tokens/:id',
    tag: 'Me',
    summary: 'One of your API tokens, and what it may do now',
    access: anyCredential,
    reply: tokenWithDetails,
    handler: async ({ context, id }) => detailsAsJson(await tokenDetails(context, id)),
  }),
  apiRoute({
    method: 'delete',
    path: '/me/tokens/:id',
    tag: 'Me',
    summary: 'Revoke one of your API tokens',
    description: 'It works no more from then on, the one that this very call is made with included.',
    access: anyCredential,
    async handler({ context, id }) {
      await revokeOwn(context, id, 'token');
    },
  }),
];

/** A credential of ours as `credentialFields` has it. */
export function credentialAsJson<Kind extends string, State extends string>(
  view: Omit<CredentialView, 'kind' | 'state'> & { kind: Kind; state: State },
) {
  const { kind, role, roleHeld, scopes, allowedIps, firstCharacters, state } = view;
  return {
    ...what.asJson(view),
    kind,
    role,
    roleHeld,
    scopes,
    allowedIps,
    firstCharacters,
    ...when.asJson(view),
    state,
  };
}

function detailsAsJson({ permissions, addresses, formerSecrets, ...view }: TokenDetails) {
  return {
    ...credentialAsJson(view),
    permissions,
    addresses: addresses.map(({ ip, lastUsedAt }) => ({ ip, lastUsedAt: isoTime(lastUsedAt) })),
    formerSecrets: formerSecrets.map(({ firstCharacters, diesAt, lastUsedAt }) => ({
      firstCharacters,
      diesAt: isoTime(diesAt),
      lastUsedAt: isoTime(lastUsedAt),
    })),
  };
}
