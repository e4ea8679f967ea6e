import * as z from 'zod';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import { ROW_STATES } from '#policies/enumerations.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { may } from '#server/input/access.js';
import { cancelJob } from './begin.js';
import { previewOrBegin } from './preview.js';
import { importText } from './import-text.js';
import { bulkBody, importBody, rowFilters } from './input.js';
import { findJob, followJobs, rowsOf } from './report.js';

const shown = replyOf(
  UserJob,
  ['id', 'action', 'state', 'reason', 'note', 'roleId', 'begunBy', 'createdAt', 'begunAt', 'endedAt'],
  {
    action: 'What is done to each; `import` where a file says it row by row.',
    state: 'A `preview` has done nothing, and is good for a day.',
    note: 'How a file was read, or why it was stopped.',
    roleId: 'The role that is given or taken.',
    begunBy: 'The id of whose it is.',
  },
);

const job = z
  .object({
    ...shown.shape,
    counts: z
      .object({
        waiting: z.number(),
        done: z.number(),
        unchanged: z.number(),
        leftOut: z.number(),
        refused: z.number(),
      })
      .describe('How many people, or rows of a file, there are of each state.'),
  })
  .meta({ id: 'BulkJob' });

const person = z
  .object({
    row: z.number().describe('Its place in the preview; in a file, as a spreadsheet counts.'),
    state: z.enum(ROW_STATES),
    reason: z.string().nullable().describe('Why it was left out or refused; in a file, by column.'),
    becomes: z.array(z.string()).describe('What a file makes of them, line by line.'),
    userId: z.uuid().nullable().describe('Null for who is not there: not yet, or no more.'),
    username: z.string().nullable(),
    name: z.string().nullable(),
    email: z.string().nullable(),
  })
  .meta({ id: 'BulkRow' });

const ROWS = 'bulk rows';
const JOBS = 'bulk jobs';
const CONFIRMED =
  'The answer is a preview, which does nothing yet. Sent again with the id of it as `confirmed`, it begins and goes on by itself; GET it to see how far it is.';

/** Whether it says more of whom it is about than their ids: what is passed over may be what the sender relied on. */
function namesMore({ all, ids: _ids, action, reason: _why, roleId, ...filters }: z.output<typeof bulkBody>): boolean {
  const givesOrTakes = action === 'give-role' || action === 'take-role';
  const { heldRoleId, ...rest } = filters;
  const said = Object.values(rest).some((value) => value !== undefined && value !== '');
  return all || said || heldRoleId !== undefined || (roleId !== undefined && !givesOrTakes);
}

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/users/bulk',
    tag: 'Many users',
    summary: 'Changes of many users',
    description: 'Those of the last 30 days that were begun, newest first.',
    access: may('users:read'),
    query: listQuery,
    reply: listOf(job),
    async handler({ context, query: { limit, cursor } }) {
      const [after] = cursor === undefined ? [] : readCursor(context, JOBS, cursor);
      const { jobs, next } = await followJobs(context, limit, after === undefined ? null : String(after));
      return { data: await Promise.all(jobs.map(asJson)), next: next && makeCursor(context, JOBS, [next]) };
    },
  }),
  apiRoute({
    method: 'post',
    path: '/users/bulk',
    tag: 'Many users',
    summary: 'Change many users',
    description: `Names people by \`ids\`, or with \`all\` whomever the filters find. ${CONFIRMED}`,
    access: may('users:write'),
    body: bulkBody,
    reply: job,
    refusals: [404, 409],
    async handler({ context, body }) {
      if (body.ids && !body.confirmed && namesMore(body))
        throw Invalid.field('ids', 'Send ids, or “all” with the filters.');
      return asJson(await previewOrBegin(context, body));
    },
  }),
  apiRoute({
    method: 'get',
    path: '/users/bulk/:id',
    tag: 'Many users',
    summary: 'How far a change of many users is',
    access: may('users:read'),
    reply: job,
    handler: async ({ context, id }) => asJson(await findJob(context, id)),
  }),
  apiRoute({
    method: 'get',
    path: '/users/bulk/:id/rows',
    tag: 'Many users',
    summary: 'The same row by row',
    access: may('users:read'),
    query: listQuery.extend(rowFilters),
    reply: listOf(person),
    handler: async ({ context, id, query }) => pageOfRows(context, (await findJob(context, id)).id, query),
  }),
  apiRoute({
    method: 'delete',
    path: '/users/bulk/:id',
    tag: 'Many users',
    summary: 'Cancel the rest',
    description: 'Throws a preview away, or stops a job between two people. What was done stays done.',
    access: may('users:write'),
    refusals: [409],
    handler: ({ context, id }) => cancelJob(context, id),
  }),
  apiRoute({
    method: 'post',
    path: '/users/import',
    tag: 'Many users',
    summary: 'Import users',
    description:
      'Takes the text of a CSV file with the columns `username`, `name`, `email`, `roles` (parted by `|`), `status`, `kind`, up to 20,000 rows and 5 MB. It begins at once; with `dryRun` the answer is a preview, which is begun by sending its id as `import`. It counts as two requests.',
    access: may('users:write'),
    body: importBody,
    large: true,
    reply: job,
    refusals: [404, 409],
    handler: async ({ context, body }) => asJson(await importText(context, body)),
  }),
];

async function asJson(one: UserJob): Promise<z.output<typeof job>> {
  const { 'left-out': leftOut, ...counts } = await UserJobRow.counts(one.id);
  return { ...shown.asJson(one), counts: { ...counts, leftOut } };
}

async function pageOfRows(
  context: TenantContext,
  id: string,
  {
    limit,
    cursor,
    show,
  }: { limit: number; cursor?: string | undefined; show?: (typeof ROW_STATES)[number] | undefined },
) {
  const list = `${ROWS} ${id} ${show ?? ''}`;
  const [after = 0] = cursor === undefined ? [] : readCursor(context, list, cursor);
  const rows = await rowsOf(context, id, { after: Number(after), limit: limit + 1, show });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(({ place, state, note, becomes, userId, user }) => ({
      ...{ row: place, state, reason: note, becomes, userId },
      ...{ username: user?.username ?? null, name: user?.name ?? null, email: user?.email ?? null },
    })),
    next: last && rows.length > limit ? makeCursor(context, list, [last.place]) : null,
  };
}
