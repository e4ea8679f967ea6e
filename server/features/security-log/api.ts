import * as z from 'zod';
import { DOORS, LEVELS } from '#policies/enumerations.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { apiTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { wantedBy } from './asked.js';
import { apiRoutes as checkpointApiRoutes } from './checkpoints-api.js';
import { apiRoutes as exportApiRoutes } from './export-api.js';
import { logFilters } from './input.js';
import { listRecords, readRecord, replyOf } from './records.js';
import { apiRoutes as verificationApiRoutes } from './verification-api.js';

const level = z.enum(LEVELS);

const shape = {
  id: z.uuid(),
  seq: z.number().describe('Its place in the chain.'),
  at: apiTime,
  event: z.string(),
  label: z.string().describe('The event in words.'),
  level,
  door: z.enum(DOORS).describe('By which door: a page, the API, the command line, or a job.'),
  actor: z
    .object({ id: z.uuid().nullable(), operator: z.boolean() })
    .nullable()
    .describe('Who did it; null when nobody was signed in.'),
  target: z.object({ type: z.string(), id: z.string() }).nullable(),
  ip: z.string().nullable(),
  browser: z.string().nullable(),
  os: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).describe('Facts, or what changed: `{"from": …, "to": …}`.'),
};

const record = z.object(shape).meta({ id: 'SecurityEvent' });

const wholeRecord = z
  .object({
    ...shape,
    sessionId: z.string().nullable().describe('The session that it was done in.'),
    requestId: z.string().nullable().describe('As in the log of the process.'),
    hash: z.string().describe('Ties the row to the one before it.'),
  })
  .meta({ id: 'WholeSecurityEvent' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/security-log',
    tag: 'Security log',
    summary: 'The security log of the organisation',
    description:
      'A page may hold fewer rows than asked for, or none, and still have a next: so many rows had to be looked at.',
    access: may('log:read'),
    query: listQuery.extend(logFilters),
    reply: listOf(record),
    async handler({ context, query: { limit, cursor, ...asked } }) {
      const list = `security-log ${asked.sort}`;
      const [at, seq] = cursor === undefined ? [] : readCursor(context, list, cursor);
      const after = at === undefined ? undefined : { at: Number(at), seq: Number(seq) };
      const wanted = await wantedBy(context, asked);
      if (wanted === null) return { data: [], next: null };
      const { records, next } = await listRecords(context, { ...wanted, limit, after });
      return { data: records.map(replyOf), next: next && makeCursor(context, list, [next.at, next.seq]) };
    },
  }),
  ...exportApiRoutes,
  ...verificationApiRoutes,
  ...checkpointApiRoutes,
  apiRoute({
    method: 'get',
    path: '/security-log/:id',
    tag: 'Security log',
    summary: 'One row of the security log',
    access: may('log:read'),
    reply: wholeRecord,
    async handler({ context, id }) {
      const { record: one, ...more } = await readRecord(context, id);
      return { ...replyOf(one), ...more };
    },
  }),
];
