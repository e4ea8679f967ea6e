import * as z from 'zod';
import { apiTime, isoTime } from '#server/api/fields.js';
import { listOf, listQuery, pageInOrder } from '#server/api/lists.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { previewNotification, restoreNotification, saveNotification, sendTest } from './actions.js';
import { restorationBody, sampleBody, templateBody, templateFilters } from './input.js';
import { listNotifications, readNotification, type Notification } from './read.js';

const about = { event: z.string(), label: z.string(), description: z.string(), lastSentAt: apiTime.nullable() };

const listed = z
  .object({
    ...about,
    worded: z.array(z.string()).describe('Languages in which the organisation has a text of its own.'),
    silenced: z.array(z.string()).describe('Languages in which it is not sent.'),
  })
  .meta({ id: 'ListedNotification' });

const notification = z
  .object({
    ...about,
    locale: z.string(),
    enabled: z.boolean(),
    maySilence: z.boolean().describe('False: a notice of security, which is always sent.'),
    own: z.boolean().describe('The text is the organisation’s own.'),
    passedOver: z
      .boolean()
      .describe('It is not what a mail may be made of any more; what Gatehouse comes with is sent in its place.'),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    variables: z.array(z.object({ name: z.string(), description: z.string(), required: z.boolean() })),
    versions: z.array(z.object({ version: z.number(), createdAt: apiTime, own: z.boolean(), enabled: z.boolean() })),
  })
  .meta({ id: 'Notification' });

const preview = z.object({ subject: z.string(), text: z.string(), html: z.string() }).meta({ id: 'ComposedMail' });

const WORDED = 'Of what is sent, which is refused as it would be on saving; of how it is worded now where nothing is.';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/notifications',
    tag: 'Notifications',
    summary: 'The mails that the organisation sends',
    access: may('notifications:read'),
    query: listQuery,
    reply: listOf(listed),
    async handler({ context, query }) {
      const found = await listNotifications(context);
      const shown = found.map((one) => ({ ...one, lastSentAt: isoTime(one.lastSentAt) }));
      return pageInOrder(context, 'notifications', shown, ({ event }) => event, query);
    },
  }),
  apiRoute({
    method: 'get',
    path: '/notifications/:event',
    tag: 'Notifications',
    summary: 'How one mail is worded',
    access: may('notifications:read'),
    query: z.object(templateFilters),
    reply: notification,
    handler: async ({ context, params, query }) =>
      asJson(await readNotification(context, params['event'] ?? '', query.locale)),
  }),
  apiRoute({
    method: 'put',
    path: '/notifications/:event',
    tag: 'Notifications',
    summary: 'Word a mail',
    description:
      'What was before stays a version. Links of the mail cannot be left out, nor others put in; a subject holds none.',
    access: may('notifications:write'),
    body: templateBody,
    long: true,
    async handler({ context, params, body }) {
      await saveNotification(context, params['event'] ?? '', body);
    },
  }),
  apiRoute({
    method: 'post',
    path: '/notifications/:event/preview',
    tag: 'Notifications',
    summary: 'See how a mail would look',
    description: `With a sample for each variable, framed as it is sent. ${WORDED}`,
    access: may('notifications:write'),
    body: sampleBody,
    long: true,
    reply: preview,
    handler: ({ context, params, body }) => previewNotification(context, params['event'] ?? '', body),
  }),
  apiRoute({
    method: 'post',
    path: '/notifications/:event/test',
    tag: 'Notifications',
    summary: 'Mail yourself a sample',
    description: `To the address of the owner of the credential, at most twenty an hour. ${WORDED}`,
    access: may('notifications:write'),
    body: sampleBody,
    long: true,
    refusals: [409],
    handler: ({ context, params, body }) => sendTest(context, params['event'] ?? '', body),
  }),
  apiRoute({
    method: 'post',
    path: '/notifications/:event/restoration',
    tag: 'Notifications',
    summary: 'Put back how a mail was worded',
    description: 'As a version of before has it, or as Gatehouse comes with it. It is a new version itself.',
    access: may('notifications:write'),
    body: restorationBody,
    handler: ({ context, params, body: { locale, version = null } }) =>
      restoreNotification(context, params['event'] ?? '', { locale, version }),
  }),
];

function asJson({ versions, lastSentAt, ...one }: Notification): z.output<typeof notification> {
  return {
    ...one,
    lastSentAt: isoTime(lastSentAt),
    versions: versions.map(({ createdAt, ...version }) => ({ ...version, createdAt: isoTime(createdAt) })),
  };
}
