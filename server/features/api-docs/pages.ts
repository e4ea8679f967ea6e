import type { Request, Response } from 'express';
import { show } from '#server/http/page.js';
import { readReference, type ApiDocument } from './reference.js';

/** The reference of the API, for anybody: made from its own description. */
export function showApiDocs(_req: Request, res: Response): void {
  const document = (res.app.locals['apiDocument'] as () => ApiDocument)();
  show(res, 'api-docs/index', {
    title: 'API',
    groups: readReference(document),
    address: document.servers[0]?.url,
    layout: 'portal',
  });
}
