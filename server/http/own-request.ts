import express, { type Express, type Request, type RequestHandler } from 'express';
import type { Config } from '#server/config.js';
import type { Services } from '#server/context.js';
import { BadRequest } from '#server/errors.js';
import { readAddress } from '#server/lib/address.js';
import { hostnameIn } from './host.js';

type Trust = (address: string | undefined, hop: number) => boolean;

/** Narrows what Express believes of a request, for the whole app. */
export function doubtRequests(app: Express, config: Config): void {
  // Gateways write addresses with ports, brackets and quotes; so does a trusted one in the middle.
  app.set('trust proxy', config.trustProxy);
  const trusts = app.get('trust proxy fn') as Trust;
  // There is none where the connection has been reset before anybody looks.
  app.set('trust proxy', ((address, hop) => trusts(readAddress(address ?? '') ?? '', hop)) satisfies Trust);
  // Behind a trusted proxy Express would take X-Forwarded-Host, which most proxies hand on as the visitor wrote it.
  define(app, 'hostname', (req) => hostnameIn(req.headers.host));
  // X-Forwarded-For may hold anything, and what is no address must reach neither a counter nor a column.
  const addressOf = Object.getOwnPropertyDescriptor(express.request, 'ip')?.get;
  define(app, 'ip', (req) => {
    const forwarded = req.headers['x-forwarded-for'];
    // A trusted proxy that sends an empty one has lost its visitor: taken for none, all would count as the proxy itself.
    const lost = forwarded !== undefined && !/[^\s,]/.test(String(forwarded));
    if (lost && trusts(readAddress(req.socket.remoteAddress ?? '') ?? '', 0)) return undefined;
    return readAddress(String(addressOf?.call(req) ?? '')) ?? undefined;
  });
  // The operator says that the world reaches us over https: so it does, whatever the last hop speaks.
  if (config.https) define(app, 'secure', () => true);
}

/** Refuses (400) who comes from nowhere: all of them would share one counter, and no list of addresses could let them in. */
export function knownAddressOnly({ log }: Services): RequestHandler {
  return ({ context, headers, socket }, _res, next) => {
    if (context.ip === null) {
      // Who has hung up already comes from nowhere, either, and is told nothing.
      if (socket.remoteAddress === undefined) throw new BadRequest('The connection was lost.');
      const forwarded = String(headers['x-forwarded-for'] ?? '').slice(0, 200);
      log.warn(
        { requestId: context.requestId, forwarded },
        'X-Forwarded-For holds no address where the trusted proxy puts the visitor’s. Look at the proxy, and at TRUST_PROXY',
      );
      throw new BadRequest(
        'The proxy in front of this portal does not say which address you come from. Tell its administrator.',
        400,
        'address_unknown',
      );
    }
    next();
  };
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
