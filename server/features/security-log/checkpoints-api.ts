import * as z from 'zod';
import type { LogCheckpoint } from '#models/log-checkpoint.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { writtenOut } from '#server/trace/checkpoint.js';
import { exportCheckpoint, getsCheckpoints, listCheckpoints, mailCheckpoints, takeCheckpoint } from './checkpoints.js';
import { checkpointMailsBody } from './input.js';

const checkpoint = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    rows: z.number().describe('How many rows the log had.'),
    hash: z.string().describe('The fingerprint of the last of them.'),
    madeAt: apiTime,
    keyId: z.string().describe('The secret key that signed it.'),
    signature: z.string(),
    exportedAt: apiTime.nullable().describe('When it first left; what lies before it may be archived from then on.'),
  })
  .meta({ id: 'LogCheckpoint' });

const MAIL = '/security-log/checkpoints/mail';
const mails = z.object({ wanted: z.boolean() }).meta({ id: 'CheckpointMails' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/security-log/checkpoints',
    tag: 'Security log',
    summary: 'The checkpoints of the security log',
    description: 'The newest first. To list them is not to export them.',
    access: may('log:export'),
    query: listQuery,
    reply: listOf(checkpoint),
    async handler({ context, query }) {
      const { data, next } = pageOf(context, 'log-checkpoints', await listCheckpoints(context), query);
      return { data: data.map(asJson), next };
    },
  }),
  apiRoute({
    method: 'post',
    path: '/security-log/checkpoints',
    tag: 'Security log',
    summary: 'Take a checkpoint of the security log',
    description:
      'As the log is now; where nothing was written since, the last one. Keep the answer elsewhere: `gatehouse log verify --checkpoint` holds the log against it.',
    access: may('log:export'),
    status: 201,
    reply: checkpoint,
    refusals: [409],
    handler: async ({ context }) => asJson(await takeCheckpoint(context)),
  }),
  apiRoute({
    method: 'post',
    path: '/security-log/checkpoints/:id/export',
    tag: 'Security log',
    summary: 'Take one of the checkpoints along',
    description: 'One that was made before, such as that of a day. What lies before it may be archived from then on.',
    access: may('log:export'),
    reply: checkpoint,
    handler: async ({ context, id }) => asJson(await exportCheckpoint(context, id)),
  }),
  apiRoute({
    method: 'get',
    path: MAIL,
    tag: 'Security log',
    summary: 'Whether you get the checkpoint of each day by mail',
    access: may('log:export'),
    reply: mails,
    handler: async ({ context }) => ({ wanted: await getsCheckpoints(context) }),
  }),
  apiRoute({
    method: 'put',
    path: MAIL,
    tag: 'Security log',
    summary: 'Get the checkpoint of each day by mail, or no more',
    access: may('log:export'),
    body: checkpointMailsBody,
    reply: mails,
    async handler({ context, body: { wanted } }) {
      await mailCheckpoints(context, wanted);
      return { wanted };
    },
  }),
];

function asJson(one: LogCheckpoint): z.output<typeof checkpoint> {
  return { id: one.id, ...writtenOut(one), exportedAt: isoTime(one.exportedAt) };
}
