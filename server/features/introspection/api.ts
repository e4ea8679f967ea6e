import { z } from 'zod';
import { readCredential } from '#server/identity/credential-read.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import type { UserContext } from '#server/context.js';
import { parseApiSecret } from '#server/lib/api-secret.js';
import { SECOND } from '#server/lib/clock.js';

/** What RFC 7662 has an authorisation server say of a token: its names, and its times in seconds since 1970. */
const introspection = z
  .object({
    active: z.boolean(),
    scope: z.string().optional().describe('The permissions, parted by spaces.'),
    username: z.string().optional(),
    token_type: z.string().optional(),
    exp: z.number().optional(),
    iat: z.number().optional(),
    sub: z.uuid().optional(),
    iss: z.string().optional(),
    organization: z.string().optional(),
    roles: z.array(z.string()).optional(),
  })
  .meta({ id: 'Introspection' });

type Introspection = z.output<typeof introspection>;

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'post',
    path: '/introspect',
    tag: 'Programs',
    summary: 'What a credential is worth now (RFC 7662)',
    description:
      'Tells of the credentials of your own organisation; of any other, and of what is none, that it is not active. Further parameters, such as `token_type_hint`, are passed over.',
    access: 'credential',
    bodyType: 'form',
    // Clients of other servers send more, such as their own id: what is not known is passed over (RFC 6749, 3.2).
    body: z.object({ token: z.string().min(1).max(4096) }),
    reply: introspection,
    handler: ({ context, body }) => introspect(context, body.token),
  }),
];

async function introspect(context: UserContext, token: string): Promise<Introspection> {
  const secret = parseApiSecret(token.trim());
  if (!secret) return { active: false };
  const { database, config } = context.services;
  const verdict = await readCredential(database.read, secret, { now: context.now, ip: null });
  if (!('caller' in verdict)) return { active: false };
  const { tenant, user, actor, duty, expiresAt, createdAt, roleNames } = verdict.caller;
  if (tenant.id !== context.tenant.id || duty !== null) return { active: false };
  return {
    active: true,
    scope: [...actor.permissions].join(' '),
    username: user.username,
    token_type: secret.kind === 'password' ? 'Basic' : 'Bearer',
    ...(expiresAt === null ? {} : { exp: Math.floor(expiresAt / SECOND) }),
    iat: Math.floor(createdAt / SECOND),
    sub: user.id,
    iss: config.baseUrl,
    organization: tenant.slug,
    roles: [...roleNames],
  };
}
