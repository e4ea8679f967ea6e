import * as z from 'zod';
import { anyCredential, apiRoute, type ApiRoute } from '#server/api/route.js';
import { Session } from '#models/session.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { replyOf } from '#server/api/reply.js';
import { listOf, listQuery, pageOf } from '#server/api/lists.js';
import { METHODS } from '#policies/authentication.js';
import { NotFound } from '#server/errors.js';
import { endOtherSessions, endOwnSession, listSessions, type OpenSession } from './actions.js';

const client = z.string().nullable();

const kept = replyOf(Session, ['ip', 'createdAt', 'lastSeenAt', 'authenticatedAt', 'modifiedAt']);

/** A session as the API shows it, one's own and others'. */
export const sessionShape = z
  .object({
    id: z.uuid(),
    browser: client,
    engine: client,
    os: client,
    model: client,
    architecture: client,
    ...kept.shape,
    amr: z.array(z.enum(METHODS)).describe('How its owner has shown who they are, in the words of RFC 8176.'),
    expiresAt: apiTime,
  })
  .meta({ id: 'Session' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/me/sessions',
    tag: 'Me',
    summary: 'The browsers you are signed in with',
    access: anyCredential,
    query: listQuery,
    reply: listOf(sessionShape),
    async handler({ context, query }) {
      const sessions = await listSessions(context, context.user);
      return pageOf(context, 'me/sessions', sessions.map(sessionAsJson), query);
    },
  }),
  apiRoute({
    method: 'delete',
    path: '/me/sessions',
    tag: 'Me',
    summary: 'End all of your sessions',
    access: anyCredential,
    async handler({ context }) {
      await endOtherSessions(context);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/me/sessions/:id',
    tag: 'Me',
    summary: 'One of your sessions',
    access: anyCredential,
    reply: sessionShape,
    async handler({ context, id }) {
      const session = (await listSessions(context, context.user)).find((one) => one.id === id);
      if (!session) throw new NotFound();
      return sessionAsJson(session);
    },
  }),
  apiRoute({
    method: 'delete',
    path: '/me/sessions/:id',
    tag: 'Me',
    summary: 'End one of your sessions',
    access: anyCredential,
    async handler({ context, id }) {
      await endOwnSession(context, id);
    },
  }),
];

/** A session of ours as `sessionShape` has it. */
export function sessionAsJson(session: OpenSession): z.output<typeof sessionShape> {
  const { browser, engine, os, model, architecture } = session.client;
  return {
    ...{ id: session.id, browser, engine, os, model, architecture },
    ...kept.asJson(session),
    amr: [...session.methods],
    expiresAt: isoTime(session.expiresAt),
  };
}
