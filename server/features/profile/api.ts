import * as z from 'zod';
import { User } from '#models/user.js';
import { CREDENTIAL_KINDS } from '#policies/enumerations.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { replyOf } from '#server/api/reply.js';
import { anyCredential, apiRoute, wholeCredential, type ApiRoute } from '#server/api/route.js';
import type { UserContext } from '#server/context.js';
import { changeProfile, getsDigest } from './actions.js';
import { profileChanges } from './input.js';

const own = replyOf(User, ['id', 'username', 'name', 'email', 'locale', 'timeZone', 'theme', 'twoFactor']);

const me = z
  .object({
    ...own.shape,
    organization: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }),
    roles: z.array(z.string()).describe('The names of your roles; of a token, of the role that it is of.'),
    permissions: z.array(z.enum(PERMISSIONS.map(({ name }) => name))).describe('What this credential may do now.'),
    dailyDigest: z
      .boolean()
      .nullable()
      .describe('Whether you get the digest of the log each morning; null for who may not read the log.'),
    credential: z.object({ id: z.uuid().nullable(), kind: z.enum(CREDENTIAL_KINDS) }),
  })
  .meta({ id: 'Me' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/me',
    tag: 'Me',
    summary: 'Who you are, and what this credential may do',
    access: anyCredential,
    reply: me,
    handler: ({ context }) => asJson(context),
  }),
  apiRoute({
    method: 'patch',
    path: '/me',
    tag: 'Me',
    summary: 'Change your profile',
    description:
      'What is left out stays as it is. The e-mail address is changed on the pages alone, where the new one is confirmed by mail.',
    access: wholeCredential,
    body: profileChanges,
    reply: me,
    async handler({ context, body }) {
      await changeProfile(context, body);
      const { dailyDigest: _digest, ...changes } = body;
      return asJson({ ...context, user: { ...context.user, ...changes } });
    },
  }),
];

async function asJson(context: UserContext): Promise<z.output<typeof me>> {
  const { user, tenant, roleNames, actor, credential } = context;
  return {
    ...own.asJson(user),
    organization: { id: tenant.id, slug: tenant.slug, name: tenant.name },
    roles: [...roleNames],
    permissions: [...actor.permissions],
    dailyDigest: await getsDigest(context),
    credential: { id: credential?.id ?? null, kind: credential?.kind ?? 'key' },
  };
}
