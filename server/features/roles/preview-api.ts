import * as z from 'zod';
import { PERMISSIONS } from '#policies/permissions.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { roleBody, roleChanges } from './input.js';
import { MOST_NAMED, previewNewRole, previewRole, type RolePreview } from './preview.js';

const permissions = z.array(z.enum(PERMISSIONS.map(({ name }) => name)));
const first = z
  .array(z.object({ id: z.uuid(), name: z.string(), username: z.string() }))
  .describe(`The first by name, at most ${MOST_NAMED}; none for who may not see users.`);

const preview = z
  .object({
    role: z.object({
      name: z.string(),
      description: z.string(),
      permissions,
      readOnly: z.boolean(),
      requiresTwoFactor: z.boolean(),
      requiresPhishingResistant: z.boolean(),
      tokensNeedApproval: z.boolean(),
    }),
    changes: z.array(z.string()).describe('The names of the fields that would change.'),
    affected: z
      .array(z.object({ gains: permissions, loses: permissions, people: z.number(), first }))
      .describe('Those who hold it, by what comes out for them.'),
    unaffected: z.number().describe('Holders who may do afterwards what they may do now.'),
    mustAddPasskey: z
      .object({ people: z.number(), first, by: apiTime })
      .nullable()
      .describe('Who must add a passkey, where the role begins to demand one.'),
    mustSetUp: z
      .object({ people: z.number(), first, by: apiTime })
      .nullable()
      .describe('Who must set up two-factor authentication, where the role begins to demand it.'),
    tokens: z.number().describe('Live API tokens that are bound to the role and can do more or less afterwards.'),
    youToo: z.boolean().describe('You hold the role yourself.'),
  })
  .meta({ id: 'RolePreview' });

export const previewRoutes: ApiRoute[] = [
  apiRoute({
    method: 'post',
    path: '/roles/preview',
    tag: 'Roles',
    summary: 'What a new role would be',
    description: 'Changes nothing.',
    access: may('roles:write'),
    body: roleBody,
    reply: preview,
    handler: async ({ context, body }) => asJson(await previewNewRole(context, body)),
  }),
  apiRoute({
    method: 'post',
    path: '/roles/:id/preview',
    tag: 'Roles',
    summary: 'Who gains and who loses what by a change of a role',
    description: 'Changes nothing. What is left out stays as it is.',
    access: may('roles:write'),
    body: roleChanges,
    reply: preview,
    handler: async ({ context, id, body }) => asJson(await previewRole(context, id, body)),
  }),
];

function asJson({
  role: _asItIs,
  after,
  differences,
  demanded,
  passkeys,
  ...found
}: RolePreview): z.output<typeof preview> {
  return {
    role: after,
    changes: Object.keys(differences),
    ...found,
    mustAddPasskey: passkeys && { ...passkeys, by: isoTime(passkeys.by) },
    mustSetUp: demanded && { ...demanded, by: isoTime(demanded.by) },
  };
}
