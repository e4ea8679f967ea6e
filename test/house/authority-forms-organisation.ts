import { User } from '#models/user.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;

/** The forms about an organisation, and about who leaves it. */
export const ORGANISATION_FORMS: Readonly<Record<string, GoodForm>> = {
  '/account/removal/withdrawal': {
    from: desk,
    fields: () => ({}),
    first: ({ portal, desk: { userId: id } }) =>
      User.update({ removalAt: portal.clock.now() + 86_400_000 }, { where: { id } }),
  },
  '/admin/organisation': { from: desk, fields: () => ({ accountRemovalDays: '7' }) },
};
