import { newId } from '#models/columns.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy } from '#models/security-policy.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;

/** A change that waits for its time. */
export const setForLater = async ({ portal, desk: { tenantId, userId } }: Scene): Promise<void> => {
  const now = portal.clock.now();
  const times = { startsAt: now + 86_400_000, timeZone: 'UTC', createdAt: now };
  await ScheduledPolicy.upsert({
    ...{ id: newId(), tenantId, actorId: userId, actorTenantId: tenantId, door: 'web', differences: '[]', ...times },
  });
};

/** The forms of the security policy. */
export const POLICY_FORMS: Readonly<Record<string, GoodForm>> = {
  '/admin/security-policy': { from: desk, fields: () => ({ sessionIdleMinutes: '17' }) },
  '/admin/security-policy/preview': { from: desk, fields: () => ({ sessionIdleMinutes: '17' }) },
  '/admin/security-policy/scheduled/removal': { from: desk, fields: () => ({}), first: setForLater },
  '/admin/security-policy/history/:id/restoration': {
    from: desk,
    path: ({ ids }) => `/admin/security-policy/history/${ids['policyEntry'] ?? ''}/restoration`,
    fields: () => ({ confirmed: '1' }),
    first: ({ desk: { tenantId } }) => SecurityPolicy.update({ sessionIdleMinutes: 17 }, { where: { tenantId } }),
  },
};
