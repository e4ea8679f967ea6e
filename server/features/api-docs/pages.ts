import type { Request, Response } from 'express';
import { apiAt } from '#server/lib/own-address.js';
import { addressAsked } from '#server/http/host.js';
import { show } from '#server/http/page.js';
import { readReference, type ApiDocument } from './reference.js';

/** The reference of the API, for anybody: made from its own description. */
export function showApiDocs(req: Request, res: Response): void {
  const described = (res.app.locals['apiDocument'] as () => ApiDocument)();
  const { config } = req.context.services;
  const document = { ...described, servers: [{ url: apiAt(addressAsked(config, req.headers.host)) }] };
  show(res, 'api-docs/index', {
    title: 'API',
    groups: readReference(document),
    address: document.servers[0]?.url,
    layout: 'portal',
  });
}
