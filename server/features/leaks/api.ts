import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { anyone } from '#server/input/access.js';
import { reportLeaked } from './actions.js';
import { leakedBody } from './input.js';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'post',
    path: '/credentials/leaked',
    tag: 'Programs',
    summary: 'Report credentials that were found in the open',
    description:
      'For secret scanners. Real ones are revoked at once and their owners told; the answer is the same for all.',
    access: anyone,
    body: leakedBody,
    status: 202,
    async handler({ context, body }) {
      await reportLeaked(context, body.tokens);
    },
  }),
];
