import * as z from 'zod';
import { apiTime } from '#server/api/fields.js';
import { apiRoute, Download, wholeCredential, type ApiRoute } from '#server/api/route.js';
import { exportOwnData, FILE_NAME } from './export.js';

const ownData = z
  .looseObject({
    exportedAt: apiTime,
    organisation: z.object({ slug: z.string(), name: z.string() }),
    leftOut: z.record(z.string(), z.string()).describe('Tables that may name you and are not in the file, and why.'),
    account: z.array(z.looseObject({ id: z.uuid() })).describe('And so on, a list for each kind of row.'),
  })
  .meta({ id: 'OwnData' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'post',
    path: '/me/export',
    tag: 'Me',
    summary: 'All that is kept of you',
    description:
      'As a file, sent part by part. Never a secret, nor a hash of one. You get a mail that it was taken, and the log has it.',
    access: wholeCredential,
    reply: ownData,
    replyHeaders: { 'Content-Disposition': 'The name of the file.' },
    handler: ({ context }) => Promise.resolve(new Download(FILE_NAME, () => exportOwnData(context))),
  }),
];
