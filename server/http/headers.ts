import { createHash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { isLoopback, type Config } from '#server/config.js';
import { WANTED_HINTS } from '#server/lib/client.js';

// Passkeys for ourselves, and of the rest that a page could ask for nothing.
const PERMISSIONS = [
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
  ...[
    'accelerometer',
    'autoplay',
    'camera',
    'display-capture',
    'encrypted-media',
    'fullscreen',
    'geolocation',
    'gyroscope',
    'hid',
    'magnetometer',
    'microphone',
    'midi',
    'payment',
    'picture-in-picture',
    'screen-wake-lock',
    'serial',
    'usb',
    'xr-spatial-tracking',
  ].map((feature) => `${feature}=()`),
].join(', ');

const OF_PAGES = [
  'Accept-CH',
  'Cross-Origin-Opener-Policy',
  'Origin-Agent-Cluster',
  'Permissions-Policy',
  'Referrer-Policy',
  'X-DNS-Prefetch-Control',
  'X-Download-Options',
  'X-Frame-Options',
  'X-Permitted-Cross-Domain-Policies',
  'X-XSS-Protection',
];

/**
 * The headers of every answer, errors too. helmet makes them once, against a stand-in for an answer, and
 * each request gets the finished list: they are the same for all.
 */
export function securityHeaders(config: Config): RequestHandler {
  const trusted = isTrustworthy(config);
  const made = new Map<string, string>([
    ['Cache-Control', 'no-store'],
    ['Permissions-Policy', PERMISSIONS],
    ['Accept-CH', WANTED_HINTS],
  ]);
  const standIn = { setHeader: (name: string, value: string) => made.set(name, value), removeHeader: () => undefined };
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    // With no-referrer a browser says `Origin: null` with our own forms, and over plain http it says nothing else.
    referrerPolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: trusted ? { policy: 'same-origin' } : false,
    originAgentCluster: trusted,
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // With a domain for organisations what is below it is ours.
    strictTransportSecurity: config.https
      ? { maxAge: 31_536_000, includeSubDomains: config.baseDomain !== null }
      : false,
    frameguard: { action: 'deny' },
  });
  protect({} as never, standIn as never, () => undefined);
  const headers = [...made];
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    next();
  };
}

/** Takes from an answer the headers that are for pages only: a file is read by its page, under the page's own rules. */
export function asFile(res: Response): void {
  for (const name of OF_PAGES) res.removeHeader(name);
  // Opened by itself, a picture may do nothing at all.
  res.setHeader(
    'Content-Security-Policy',
    "default-src 'none';frame-ancestors 'none';base-uri 'none';object-src 'none'",
  );
}

/** Lets a page show what is styled like this, and in no other way: by the hash of each piece. */
export function allowStyles(res: Response, styles: readonly string[]): void {
  const hashes = styles.map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  const policy = String(res.getHeader('Content-Security-Policy'));
  const allowed = ["style-src 'self' 'unsafe-hashes'", ...new Set(hashes)].join(' ');
  res.setHeader('Content-Security-Policy', policy.replace("style-src 'self'", allowed));
}

/** Makes the browser forget what it has kept of the portal, when somebody signs out. */
export function clearSite(res: Response, config: Config): void {
  if (isTrustworthy(config)) res.setHeader('Clear-Site-Data', '"cache", "storage"');
}

// Over plain http, but from their own machine, browsers pass over some headers, and complain of each.
function isTrustworthy({ https, baseUrl }: Config): boolean {
  return https || isLoopback(new URL(baseUrl).hostname);
}
