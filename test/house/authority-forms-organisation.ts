import { OutboxMessage } from '#models/outbox-message.js';
import { User } from '#models/user.js';
import { factoryTemplate } from '#server/mail/factory.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;

const at = (rest: string) => ({ from: desk, path: () => `/admin/notifications/new-sign-in${rest}` });
const wording = at('');
const { subject, text, html } = factoryTemplate('new-sign-in', 'en');
const FACTORY = { subject, text, html };
const waitingMail = async ({ portal, ids, desk: { tenantId } }: Scene): Promise<void> => {
  const now = portal.clock.now();
  const about = { event: 'invitation', recipient: 'late@acme.example', subject: 'Late', tries: 3 };
  ids['mail'] = (await OutboxMessage.create({ tenantId, ...about, nextTryAt: now + 3_600_000, createdAt: now })).id;
};

/** The forms about an organisation, and about who leaves it. */
export const ORGANISATION_FORMS: Readonly<Record<string, GoodForm>> = {
  '/account/removal/withdrawal': {
    from: desk,
    fields: () => ({}),
    first: ({ portal, desk: { userId: id } }) =>
      User.update({ removalAt: portal.clock.now() + 86_400_000 }, { where: { id } }),
  },
  '/account/export': { from: desk, fields: () => ({}) },
  '/admin/notifications/:event': { ...wording, fields: () => ({ locale: 'en', ...FACTORY }) },
  '/admin/notifications/:event/preview': { ...at('/preview'), fields: () => ({ locale: 'en', ...FACTORY }) },
  '/admin/notifications/:event/test': { ...at('/test'), fields: () => ({ locale: 'en', ...FACTORY }) },
  '/admin/notifications/:event/restoration': { ...at('/restoration'), fields: () => ({ locale: 'en', version: '' }) },
  '/admin/mail/:id/retry': {
    from: desk,
    path: ({ ids }) => `/admin/mail/${ids['mail'] ?? ''}/retry`,
    fields: () => ({}),
    first: waitingMail,
  },
  '/admin/organisation': { from: desk, fields: () => ({ accountRemovalDays: '7' }) },
  '/admin/organisation/preview': { from: desk, fields: () => ({ colour: '#0f766e' }) },
};
