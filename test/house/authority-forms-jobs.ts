import { UserJob } from '#models/user-job.js';
import type { GoodForm } from './authority-forms.js';
import type { Scene, Sender } from './authority-scene.js';

const desk = ({ desk: one }: Scene): Sender => one;
const job =
  (given: { action: string; state: 'preview' | 'running' }) =>
  async ({ ids, portal, desk: { userId, tenantId } }: Scene): Promise<void> => {
    const now = portal.clock.now();
    const begun = { begunBy: userId, door: 'web', reason: '', createdAt: now, begunAt: now, workedAt: now } as const;
    ids['job'] = (await UserJob.create({ tenantId, ...given, ...begun })).id;
  };

/** The forms of what is done to many people. */
export const JOB_FORMS: Readonly<Record<string, GoodForm>> = {
  '/admin/users/bulk': { from: desk, fields: ({ ids }) => ({ action: 'disable', ids: ids['uma'] ?? '' }) },
  '/admin/users/bulk/:id/cancellation': {
    from: desk,
    path: ({ ids }) => `/admin/users/bulk/${ids['job'] ?? ''}/cancellation`,
    fields: () => ({}),
    first: job({ action: 'disable', state: 'running' }),
  },
  '/admin/users/import/preview': {
    from: desk,
    fields: () => ({ csv: 'username,name,email\nmallory,Mallory,mallory@acme.example' }),
  },
  '/admin/users/import': {
    from: desk,
    fields: ({ ids }) => ({ import: ids['job'] ?? '' }),
    first: job({ action: 'import', state: 'preview' }),
  },
};
