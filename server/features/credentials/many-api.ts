import * as z from 'zod';
import { ApiCredential } from '#models/api-credential.js';
import { LEFT_OUT_BECAUSE, LISTED_KINDS } from '#policies/enumerations.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { removalBody, shorteningBody } from './input.js';
import { changeMany, idsOf, MOST, planFor, type Choice, type Considered, type Deed } from './many.js';

/** So many are written of each list. */
const WRITTEN = 200;

const one = z.object({
  id: z.uuid(),
  kind: z.enum(LISTED_KINDS),
  name: z.string(),
  owner: z.object({ id: z.uuid(), username: z.string(), name: z.string() }),
  expiresAt: apiTime.nullable().describe('When it ended, or was to end.'),
  endsAt: apiTime.nullable().describe('When it ends now; null where it is revoked, or left as it is.'),
});

const outcome = z
  .object({
    dryRun: z.boolean().describe('Nothing was done: this is what would be.'),
    count: z.number().describe('How many were changed.'),
    credentials: z.array(one).describe('The first of them; none without `credentials:read`, here and below.'),
    leftOutCount: z.number(),
    leftOut: z
      .array(one.extend({ because: z.enum(LEFT_OUT_BECAUSE) }))
      .describe('The first of those that are left as they are: the owner may do more, or it ends sooner anyway.'),
    more: z.boolean().describe('The filters find more than are changed in one go: call again for the others.'),
  })
  .meta({ id: 'CredentialsChanged' });

const WHICH = `Names credentials by \`ids\`, or with \`all\` those that the filters find, at most ${MOST.toLocaleString('en-GB')} in one go. Those of somebody who may do more than you are left alone. Owners are told by mail.`;

export const manyApiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'post',
    path: '/credentials/removal',
    tag: 'Credentials',
    summary: 'Revoke many credentials',
    description: WHICH,
    access: may('credentials:revoke'),
    body: removalBody,
    reply: outcome,
    handler: async ({ context, body }) => answer(context, { kind: 'removal' }, body),
  }),
  apiRoute({
    method: 'post',
    path: '/credentials/shortening',
    tag: 'Credentials',
    summary: 'Let many credentials end sooner',
    description: `${WHICH} Nothing is made to last longer.`,
    access: may('credentials:revoke'),
    body: shorteningBody,
    reply: outcome,
    async handler({ context, body: { expiresAt, ...which } }) {
      if (expiresAt !== null && expiresAt <= context.now)
        throw Invalid.field('expiresAt', 'This time has passed. To end them at once, revoke them.');
      return answer(context, { kind: 'shortening', until: expiresAt }, which);
    },
  }),
];

interface Which extends Pick<Choice, 'all'> {
  ids?: readonly string[] | undefined;
  dryRun: boolean;
}

async function answer(context: TenantContext, deed: Deed, { ids = [], all, dryRun, ...filters }: Which) {
  if (ids.length === 0 && !all) throw Invalid.field('ids', 'Send the ids of some, or “all”.');
  // It acts at once: whoever means only some of them must not lose the others.
  if (ids.length > 0 && (all || Object.values(filters).some(Boolean)))
    throw Invalid.field('ids', 'Send ids alone, or “all” with the filters.');
  const { ids: found, more } = await idsOf(context, { ids, all, filters });
  const { reached, leftOut } = await (dryRun ? planFor : changeMany)(context, deed, found);
  const shown = can(context.actor, 'credentials:read') ? WRITTEN : 0;
  return {
    ...{ dryRun, more, count: reached.length, leftOutCount: leftOut.length },
    credentials: reached.slice(0, shown).map(asJson),
    leftOut: leftOut.slice(0, shown).map((left) => ({ ...asJson(left), because: left.because })),
  };
}

function asJson({ row, owner: { id, username, name }, expiresAt, endsAt }: Considered) {
  const kind = row instanceof ApiCredential ? row.kind : ('ssh-key' as const);
  const times = { expiresAt: isoTime(expiresAt), endsAt: isoTime(endsAt) };
  return { id: row.id, kind, name: row.name, owner: { id, username, name }, ...times };
}
