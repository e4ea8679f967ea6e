import * as z from 'zod';
import { LEVELS } from '#policies/enumerations.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { anyCredential, apiRoute, type ApiRoute } from '#server/api/route.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { listActivity, type Activity } from './actions.js';

const activity = z
  .object({
    id: z.uuid(),
    at: apiTime,
    event: z.string(),
    label: z.string().describe('The event in words.'),
    level: z.enum(LEVELS),
    by: z.enum(['you', 'an administrator', 'somebody unknown']),
    ip: z.string().nullable(),
    browser: z.string().nullable(),
    os: z.string().nullable(),
  })
  .meta({ id: 'Activity' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/me/activity',
    tag: 'Me',
    summary: 'What happened to your account, newest first',
    access: anyCredential,
    query: listQuery,
    reply: listOf(activity),
    async handler({ context, query: { limit, cursor } }) {
      const [before] = cursor === undefined ? [] : readCursor(context, 'me/activity', cursor);
      const found = await listActivity(context, limit + 1, before === undefined ? undefined : Number(before));
      const data = found.slice(0, limit);
      const last = data.at(-1);
      return {
        data: data.map(asJson),
        next: last && found.length > limit ? makeCursor(context, 'me/activity', [last.seq]) : null,
      };
    },
  }),
];

function asJson({ id, at, event, label, level, by, ip, client }: Activity): z.output<typeof activity> {
  return { id, at: isoTime(at), event, label, level, by, ip, browser: client?.browser ?? null, os: client?.os ?? null };
}
