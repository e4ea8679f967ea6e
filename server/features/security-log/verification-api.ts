import * as z from 'zod';
import { LOG_WALK_STATES } from '#policies/enumerations.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { may } from '#server/input/access.js';
import { beginVerification, lastVerification } from './verification.js';

const PATH = '/security-log/verification';

const verification = z
  .object({
    state: z.enum(LOG_WALK_STATES),
    askedAt: apiTime,
    doneAt: apiTime.nullable().describe('Null while it is running.'),
    walked: z.number().describe('The row that was last looked at.'),
    rows: z.number().describe('How far it goes; 0 before it has begun.'),
    reason: z.string().nullable().describe('What is wrong, and with which row; null where nothing is.'),
  })
  .meta({ id: 'LogVerification' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: PATH,
    tag: 'Security log',
    summary: 'How far the verification of the log is, or what it found',
    description: 'The one that was asked for last, on a page or here.',
    access: may('log:read'),
    reply: verification,
    refusals: [404],
    handler: ({ context }) => asJson(context),
  }),
  apiRoute({
    method: 'post',
    path: PATH,
    tag: 'Security log',
    summary: 'Have the security log verified',
    description:
      'Walks every row from the first, aside; GET it to see how far it is. While it is under way it is not begun again.',
    access: may('log:read'),
    status: 202,
    reply: verification,
    async handler({ context }) {
      await beginVerification(context);
      return asJson(context);
    },
  }),
];

async function asJson(context: TenantContext): Promise<z.output<typeof verification>> {
  const last = await lastVerification(context);
  if (!last) throw new NotFound('The log has not been verified yet. POST here to begin.');
  const { state, seq, goal, askedAt, doneAt, why } = last;
  return { state, askedAt: isoTime(askedAt), doneAt: isoTime(doneAt), walked: seq, rows: goal, reason: why };
}
