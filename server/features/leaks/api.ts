import { z } from 'zod';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { reportLeaked } from './actions.js';

const MOST = 100;

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'post',
    path: '/credentials/leaked',
    tag: 'Programs',
    summary: 'Report credentials that were found in the open',
    description:
      'For secret scanners. Real ones are revoked at once and their owners told; the answer is the same for all.',
    access: 'anyone',
    body: z.strictObject({ tokens: z.array(z.string().max(1000)).max(MOST) }),
    status: 202,
    async handler({ context, body }) {
      await reportLeaked(context, body.tokens);
    },
  }),
];
