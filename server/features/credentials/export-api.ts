import * as z from 'zod';
import { apiRoute, Download, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { exportCredentials } from './export.js';
import { credentialFile } from './input.js';

/** What the list finds with the same filters, whole. */
export const exportApiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/credentials/export.csv',
    tag: 'Credentials',
    summary: 'Every credential of the organisation that works, as CSV',
    description:
      'With a line of headings, in the order of the list, and no secret. Sent part by part, however long it is. That it was taken is a row of the log.',
    access: may('credentials:read'),
    query: credentialFile,
    reply: z.string(),
    replyType: 'text/csv',
    replyHeaders: { 'Content-Disposition': 'The name of the file.' },
    handler: ({ context, query }) =>
      Promise.resolve(new Download('credentials.csv', () => exportCredentials(context, query))),
  }),
];
