import express, { type Express, type Request } from 'express';
import type { Config } from '#server/config.js';
import { cleanAddress } from './address-limit.js';
import { hostnameIn } from './host.js';

/** Narrows what Express believes of a request, for the whole app. */
export function doubtRequests(app: Express, config: Config): void {
  // Behind a trusted proxy Express would take X-Forwarded-Host, which most proxies hand on as the visitor wrote it.
  define(app, 'hostname', (req) => hostnameIn(req.headers.host));
  // X-Forwarded-For may hold anything, and what is no address must reach neither a counter nor a column.
  const addressOf = Object.getOwnPropertyDescriptor(express.request, 'ip')?.get;
  define(app, 'ip', (req) => cleanAddress(addressOf?.call(req) as string | undefined) ?? undefined);
  // The operator says that the world reaches us over https: so it does, whatever the last hop speaks.
  if (config.https) define(app, 'secure', () => true);
}

function define<K extends 'hostname' | 'ip' | 'secure'>(
  app: Express,
  name: K,
  value: (req: Request) => Request[K],
): void {
  Object.defineProperty(app.request, name, {
    get(this: Request) {
      return value(this);
    },
  });
}
