import * as z from 'zod';
import { apiRoute, Download, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { exportAsked } from './asked.js';
import type { Format } from './export.js';
import { logFile } from './input.js';

const FILES: Readonly<Record<Format, { replyType: ApiRoute['replyType']; summary: string; what: string }>> = {
  csv: { replyType: 'text/csv', summary: 'The security log as CSV', what: 'With a line of headings.' },
  jsonl: {
    replyType: 'application/jsonl',
    summary: 'The security log as JSON lines',
    what: 'Each line is an object, as `/security-log` has it.',
  },
};

/** What the list finds with the same filters, whole. */
export const apiRoutes: ApiRoute[] = (['csv', 'jsonl'] as const).map((format) =>
  apiRoute({
    method: 'get',
    path: `/security-log/export.${format}`,
    tag: 'Security log',
    summary: FILES[format].summary,
    description: `${FILES[format].what} Sent part by part, however long it is. That it was taken is a row of the log itself.`,
    access: may('log:export'),
    query: logFile,
    reply: z.string(),
    replyType: FILES[format].replyType,
    replyHeaders: { 'Content-Disposition': 'The name of the file.' },
    async handler({ context, query }) {
      const { name, begin } = await exportAsked(context, format, query);
      return new Download(name, begin);
    },
  }),
);
