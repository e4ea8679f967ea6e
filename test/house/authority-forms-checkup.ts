import { ApiCredential } from '#models/api-credential.js';
import { CheckupPostponement } from '#models/checkup-postponement.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;
const nothing = (): Record<string, string> => ({});
const makeSomethingToPutOff = async ({ portal, desk: { userId, tenantId } }: Scene): Promise<void> => {
  const now = portal.clock.now();
  const times = { createdAt: now, expiresAt: now + 86_400_000 };
  await ApiCredential.create({ tenantId, userId, kind: 'token', name: 'About to end', months: 1, ...times });
};
const putOff =
  (item: string) =>
  async ({ portal, desk: { userId, tenantId } }: Scene): Promise<void> => {
    const now = portal.clock.now();
    await CheckupPostponement.upsert({ tenantId, userId, item, createdAt: now, endsAt: now + 86_400_000 });
  };

/** The forms of the check-up. */
export const CHECKUP_FORMS: Readonly<Record<string, GoodForm>> = {
  '/security/checkup/:item/postponement': {
    from: desk,
    path: () => '/security/checkup/ending-token/postponement',
    fields: nothing,
    first: makeSomethingToPutOff,
  },
  '/security/checkup/:item/postponement/withdrawal': {
    from: desk,
    path: () => '/security/checkup/ending-token/postponement/withdrawal',
    fields: nothing,
    first: putOff('ending-token'),
  },
  '/admin/checkup/:item/postponement': {
    from: desk,
    path: () => '/admin/checkup/few-owners/postponement',
    fields: nothing,
  },
  '/admin/checkup/:item/postponement/withdrawal': {
    from: desk,
    path: () => '/admin/checkup/few-owners/postponement/withdrawal',
    fields: nothing,
    first: putOff('few-owners'),
  },
};
