import type { Request, Response } from 'express';
import type { Config } from '#server/config.js';
import { SECOND, systemClock } from '#server/lib/clock.js';

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
  const { cookie = '' } = req.headers;
  for (let from = 0; from < cookie.length;) {
    const semicolon = cookie.indexOf(';', from);
    const end = semicolon < 0 ? cookie.length : semicolon;
    const at = cookie.indexOf('=', from);
    if (at > from && at < end && cookie.slice(from, at).trim() === name) return cookie.slice(at + 1, end).trim();
    from = end + 1;
  }
  return null;
}

/** Sets a cookie of ours; `maxAge` in milliseconds, without one it lasts as long as the browser is open. */
export function setCookie(res: Response, config: Config, name: string, value: string, maxAge?: number): void {
  // As `res.cookie` writes it, which looks at every option anew each time: most pages set one of these.
  const [life, until] = maxAge === undefined ? ['', ''] : lifeOf(maxAge);
  const secure = config.https ? '; Secure' : '';
  res.append(
    'Set-Cookie',
    `${cookieName(config, name)}=${encodeURIComponent(value)}${life}; Path=/${until}; HttpOnly${secure}; SameSite=Lax`,
  );
}

// The second is for browsers that do not know the first, and go by their own clock.
function lifeOf(maxAge: number): readonly [string, string] {
  const until = new Date(systemClock.now() + maxAge).toUTCString();
  return [`; Max-Age=${Math.floor(maxAge / SECOND)}`, `; Expires=${until}`];
}

export function clearCookie(res: Response, config: Config, name: string): void {
  res.clearCookie(cookieName(config, name), cookieOptions(config));
}
