import * as z from 'zod';
import { OutboxMessage } from '#models/outbox-message.js';
import { replyOf } from '#server/api/reply.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { listOf, listQuery } from '#server/api/lists.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { may } from '#server/input/access.js';
import { listMail, retryMail } from './actions.js';
import { mailFilters } from './input.js';

const row = replyOf(
  OutboxMessage,
  ['id', 'event', 'recipient', 'subject', 'state', 'tries', 'lastError', 'createdAt', 'sentAt'],
  { lastError: 'What the mail server said last, without addresses and links.' },
);

const mail = z
  .object({ ...row.shape, nextTryAt: apiTime.nullable().describe('When it is tried next.') })
  .meta({ id: 'Mail' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/mail',
    tag: 'Notifications',
    summary: 'The mails of the organisation, the newest first',
    description:
      'Without what they say: there may be links in it. With `q`, a page may hold fewer than asked for, or none, and still have a next.',
    access: may('notifications:read'),
    query: listQuery.extend(mailFilters),
    reply: listOf(mail),
    async handler({ context, query }) {
      const { mails, next } = await listMail(context, query);
      return { data: mails.map((one) => ({ ...row.asJson(one), nextTryAt: isoTime(one.nextTryAt) })), next };
    },
  }),
  apiRoute({
    method: 'post',
    path: '/mail/:id/retry',
    tag: 'Notifications',
    summary: 'Have a mail tried again at once',
    description: 'One that was given up cannot be: what it said is erased.',
    access: may('notifications:write'),
    refusals: [409],
    async handler({ context, id }) {
      await retryMail(context, id);
    },
  }),
];
