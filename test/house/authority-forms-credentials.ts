import { DAY } from '#server/lib/clock.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;
const on = (name: string, before: string, after: string): GoodForm => ({
  from: desk,
  path: ({ ids }) => before + (ids[name] ?? '') + after,
  fields: () => ({}),
});

/** The forms of an administrator about what programs and people sign in with. */
export const CREDENTIAL_FORMS: Readonly<Record<string, GoodForm>> = {
  '/admin/credentials/removal': { from: desk, fields: ({ ids }) => ({ ids: ids['umasToken'] ?? '', confirmed: '1' }) },
  '/admin/credentials/shortening': {
    from: desk,
    fields: ({ ids, portal }) => ({
      ids: ids['umasToken'] ?? '',
      expiresOn: new Date(portal.clock.now() + DAY).toISOString().slice(0, 10),
      confirmed: '1',
    }),
  },
  '/admin/credentials/:id/removal': on('umasToken', '/admin/credentials/', '/removal'),
  '/admin/users/:id/credentials/removal': on('uma', '/admin/users/', '/credentials/removal'),
  '/admin/users/:id/tokens/:tokenId/rotation': {
    from: desk,
    path: ({ ids }) => `/admin/users/${ids['robo'] ?? ''}/tokens/${ids['robosToken'] ?? ''}/rotation`,
    fields: () => ({ overlapHours: '0' }),
  },
  '/admin/users/:id/tokens': {
    ...on('robo', '/admin/users/', '/tokens'),
    fields: ({ ids }) => ({ name: 'Nightly', months: '3', roleId: ids['robosRole'] ?? '' }),
  },
  '/admin/users/:id/tokens/preview': {
    ...on('robo', '/admin/users/', '/tokens/preview'),
    fields: ({ ids }) => ({ name: 'Nightly', months: '3', roleId: ids['robosRole'] ?? '' }),
  },
};
