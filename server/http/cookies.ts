import type { Request, Response } from 'express';
import type { Config } from '#server/config.js';

/** The name of a cookie of ours. `__Host-` (RFC 6265bis) makes the browser insist on https, the whole path and no other host. */
export function cookieName(config: Config, name: string): string {
  return config.https ? `__Host-${name}` : name;
}

/** What every cookie of ours has in common. */
export function cookieOptions(config: Config) {
  return { httpOnly: true, secure: config.https, sameSite: 'lax', path: '/' } as const;
}

/** The value of a cookie of the request; the first one, when a name comes twice. */
export function readCookie(req: Request, name: string): string | null {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** Sets a cookie of ours; `maxAge` in milliseconds, without one it lasts as long as the browser is open. */
export function setCookie(res: Response, config: Config, name: string, value: string, maxAge?: number): void {
  res.cookie(cookieName(config, name), value, {
    ...cookieOptions(config),
    ...(maxAge === undefined ? {} : { maxAge }),
  });
}

export function clearCookie(res: Response, config: Config, name: string): void {
  res.clearCookie(cookieName(config, name), cookieOptions(config));
}
