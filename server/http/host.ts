import type { RequestHandler } from 'express';
import { isLoopback, type Config } from '#server/config.js';
import { BadRequest } from '#server/errors.js';
import { ownAddress } from '#server/lib/own-address.js';

/** Refuses (421) a Host that is not ours, so that nothing we answer can carry somebody else's name. */
export function ownHostOnly(config: Config): RequestHandler {
  const own = new URL(config.baseUrl);
  const loopback = isLoopback(own.hostname);
  const withPort = own.port === '' ? `${own.host}:${own.protocol === 'https:' ? 443 : 80}` : own.host;
  return (req, _res, next) => {
    // Node goes by the first of two, the proxy in front perhaps by the second (RFC 9112, 3.2).
    if (req.rawHeaders.filter((name, at) => at % 2 === 0 && name.length === 4 && /^host$/i.test(name)).length > 1)
      throw new BadRequest('A request has one Host header.');
    const host = (req.headers.host ?? '').toLowerCase();
    const name = hostnameIn(host);
    // On this very machine its other names are as good: none of them can be pointed elsewhere.
    const ours =
      host === own.host || host === withPort || (loopback && isLoopback(name)) || subdomainOf(config, name) !== null;
    if (!ours)
      throw new BadRequest(
        'This server does not answer under that name. Use the address you were given.',
        421,
        'misdirected',
      );
    next();
  };
}

/** The slug in `acme.portal.example` when `BASE_DOMAIN` is `portal.example`; null elsewhere. */
export function subdomainOf(config: Config, hostname: string): string | null {
  if (config.baseDomain === null || !hostname.endsWith(`.${config.baseDomain}`)) return null;
  const slug = hostname.slice(0, -config.baseDomain.length - 1);
  return /^[a-z0-9-]{1,63}$/.test(slug) ? slug : null;
}

/** Where a request that has been let in was sent to: an organisation's own address, or the portal's. */
export function addressAsked(config: Config, host: string | undefined): string {
  const slug = subdomainOf(config, hostnameIn(host));
  return slug === null ? config.baseUrl : ownAddress(config, slug);
}

/** The name in a Host header, in small letters and without its port. */
export function hostnameIn(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
}
