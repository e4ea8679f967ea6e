import { SecurityPolicy } from '#models/security-policy.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;

/** The forms of the security policy. */
export const POLICY_FORMS: Readonly<Record<string, GoodForm>> = {
  '/admin/security-policy': { from: desk, fields: () => ({ sessionIdleMinutes: '17' }) },
  '/admin/security-policy/preview': { from: desk, fields: () => ({ sessionIdleMinutes: '17' }) },
  '/admin/security-policy/history/:id/restoration': {
    from: desk,
    path: ({ ids }) => `/admin/security-policy/history/${ids['policyEntry'] ?? ''}/restoration`,
    fields: () => ({ confirmed: '1' }),
    first: ({ desk: { tenantId } }) => SecurityPolicy.update({ sessionIdleMinutes: 17 }, { where: { tenantId } }),
  },
};
