import { z } from 'zod';
import { DOORS, LEVELS } from '#policies/enumerations.js';
import { makeCursor, readCursor } from '#server/api/cursor.js';
import { apiTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { findPerson } from './actions.js';
import { logFilters } from './input.js';
import { listRecords, replyOf } from './records.js';

const level = z.enum(LEVELS);

const record = z
  .object({
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
  })
  .meta({ id: 'SecurityEvent' });

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
    async handler({ context, query: { q, within, event, level, actor, from, to, sort, limit, cursor } }) {
      const list = `security-log ${sort}`;
      const [at, seq] = cursor === undefined ? [] : readCursor(context, list, cursor);
      const after = at === undefined ? undefined : { at: Number(at), seq: Number(seq) };
      const person = actor === undefined ? undefined : await findPerson(context, actor);
      if (person === null) return { data: [], next: null };
      const { records, next } = await listRecords(context, {
        text: q,
        within,
        event,
        level,
        person,
        sort,
        limit,
        after,
        from,
        to,
      });
      return { data: records.map(replyOf), next: next && makeCursor(context, list, [next.at, next.seq]) };
    },
  }),
];
