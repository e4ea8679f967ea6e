import * as z from 'zod';
import { isOutside } from '#server/identity/admission.js';
import { readCredential, type Caller } from '#server/identity/credential-read.js';
import { noteUse } from '#server/api/last-use.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import type { UserContext } from '#server/context.js';
import { parseApiSecret } from '#server/lib/api-secret.js';
import { ownAddress } from '#server/lib/own-address.js';
import { SECOND } from '#server/lib/clock.js';
import { introspectionBody } from './input.js';

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
    iss: z.string().optional().describe('The address at which the organisation signs in.'),
    organization: z.string().optional(),
    roles: z.array(z.string()).optional(),
    allowed_ips: z.array(z.string()).optional().describe('Where it may be used from alone, when no ip was given.'),
    organization_ips: z.array(z.string()).optional().describe('The same, for everybody of the organisation.'),
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
      'Tells of the credentials of your own organisation; of any other, and of what is none, that it is not active. Give the address of the client as `ip`: a credential that may not be used from there is not active. Counts as a use. Other parameters are passed over.',
    access: may('credentials:read'),
    bodyType: 'form',
    body: introspectionBody,
    reply: introspection,
    handler: ({ context, body }) => introspect(context, body.token, body.ip ?? null),
  }),
];

async function introspect(context: UserContext, token: string, ip: string | null): Promise<Introspection> {
  const secret = parseApiSecret(token.trim());
  if (!secret) return { active: false };
  const { database, config } = context.services;
  const verdict = await readCredential(database.readTogether, secret, { now: context.now, ip });
  if (!('caller' in verdict)) return { active: false };
  const { tenant, user, actor, duty, expiresAt, createdAt, roleNames } = verdict.caller;
  if (tenant.id !== context.tenant.id || duty !== null) return { active: false };
  if (ip !== null && isOutside(verdict.caller, ip)) return { active: false };
  await noteUse(context, verdict.caller, ip);
  return {
    active: true,
    scope: [...actor.permissions].join(' '),
    username: user.username,
    token_type: secret.kind === 'password' ? 'Basic' : 'Bearer',
    ...(expiresAt === null ? {} : { exp: Math.floor(expiresAt / SECOND) }),
    iat: Math.floor(createdAt / SECOND),
    sub: user.id,
    iss: ownAddress(config, tenant.slug),
    organization: tenant.slug,
    roles: [...roleNames],
    ...(ip === null ? addresses(verdict.caller) : {}),
  };
}

// Without the client's address only who asks can tell whether it is one of these.
function addresses({ allowedIps, policy }: Caller): Pick<Introspection, 'allowed_ips' | 'organization_ips'> {
  const list = (text: string): string[] => text.split(/\s+/).filter(Boolean);
  return {
    ...(allowedIps === '' ? {} : { allowed_ips: list(allowedIps) }),
    ...(policy.allowedIps === '' ? {} : { organization_ips: list(policy.allowedIps) }),
  };
}
