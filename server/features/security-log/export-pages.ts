import type { Request, Response } from 'express';
import { sendParts } from '#server/http/parts.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { fileName } from './asked.js';
import { exportLog, type Format } from './export.js';
import { filterOf } from './filter-pages.js';
import { logQuery } from './input.js';
import { asked, PATH } from './list-pages.js';

const TYPES = { csv: 'text/csv', jsonl: 'application/jsonl' } as const;

/** What the list shows with the same filters, whole, as a file. */
export const download =
  (format: Format) =>
  async (req: Request, res: Response): Promise<void> => {
    const context = signedIn(req);
    const { cursor: _cursor, ...filters } = readQuery(logQuery, req.query);
    const filter = leftOut(logQuery, req.query).length > 0 ? null : await filterOf(context, filters);
    if (filter === null) {
      // The list says which filter cannot be, and finds nothing; a file would be taken for all there is.
      res.redirect(303, `${PATH}${req.originalUrl.slice(req.path.length)}`);
      return;
    }
    // The log outlives accounts: a person stands in it by their id, and what was searched for may be a name.
    const { q, actor, ...others } = asked(filters);
    const words = [
      ...(q === undefined ? [] : ['q']),
      ...(actor === undefined ? [] : [`actor: ${filter.person ?? ''}`]),
      ...Object.entries(others).map(([name, value]) => `${name}: ${value}`),
    ];
    const begin = () => exportLog(context, format, filter, words);
    await sendParts(req, res, { name: fileName(context, format), type: TYPES[format], begin });
  };
