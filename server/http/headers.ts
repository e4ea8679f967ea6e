import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '#server/config.js';
import { WANTED_HINTS } from '#server/lib/client.js';

const NOTHING_ALLOWED = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'screen-wake-lock',
  'usb',
  'web-share',
  'xr-spatial-tracking',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * The headers of every answer, errors and files too. helmet makes them once, against a stand-in for an answer, and
 * each request gets the finished list: they are the same for all.
 */
export function securityHeaders(config: Config): RequestHandler {
  const made = new Map<string, string>([
    ['Cache-Control', 'no-store'],
    ['Permissions-Policy', NOTHING_ALLOWED],
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
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    strictTransportSecurity: config.https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
  });
  protect({} as never, standIn as never, () => undefined);
  const headers = [...made];
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    next();
  };
}
