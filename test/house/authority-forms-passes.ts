import { passFor } from '../support/passes.js';
import { PASSWORD } from '../support/portal.js';
import type { GoodForm } from './authority-forms.js';

/** The good forms of signing in without a password: of access passes, of passkeys, and of the link that goes with a factor which an administrator took away. */
export const PASS_FORMS: Readonly<Record<string, GoodForm>> = {
  '/login/pass': {
    from: ({ visitor }) => visitor,
    on: 'password',
    // Made anew before each try: the scene is put back with the rows of its first hour.
    first: async ({ portal, ids }) => (ids['pass'] = await passFor(portal, 'acme/uma')),
    fields: ({ ids }) => ({ organization: 'acme', username: 'uma', pass: ids['pass'] ?? '' }),
    news: ['links', 'outbox_messages'],
  },
  '/login/passkey': {
    from: ({ arriving }) => arriving,
    on: 'passkey',
    fields: ({ arriving }) => ({ credential: arriving.answer, next: '' }),
    spent: ['passkeys'],
    news: ['passkey_challenges', 'links', 'outbox_messages'],
  },
  '/recovery/setup/:token': {
    from: ({ visitor }) => visitor,
    on: 'link',
    whose: () => 'acme/forgetful',
    path: ({ paths }) => paths.setup,
    fields: () => ({ password: PASSWORD }),
  },
  '/recovery/undo/:token': {
    from: ({ visitor }) => visitor,
    on: 'link',
    whose: () => 'acme/forgetful',
    path: ({ paths }) => paths.undo,
    fields: () => ({}),
  },
  '/admin/users/:id/access-pass': {
    from: ({ desk }) => desk,
    path: ({ ids }) => `/admin/users/${ids['uma'] ?? ''}/access-pass`,
    fields: () => ({ reason: 'Lost the phone', minutes: '60' }),
  },
  '/admin/users/:id/two-factor-reset': {
    from: ({ desk }) => desk,
    path: ({ ids }) => `/admin/users/${ids['expert'] ?? ''}/two-factor-reset`,
    fields: () => ({ reason: 'Lost the phone' }),
  },
};
