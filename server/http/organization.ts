import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { clearCookie, cookieName, readCookie, setCookie } from './cookies.js';

const ORGANIZATION_COOKIE = 'gatehouse-organization';

/** The short name of the organisation that somebody signed in to last in this browser; '' when nobody has. It proves nothing. */
export function lastOrganization({ config }: Services, req: Request): string {
  const slug = readCookie(req, cookieName(config, ORGANIZATION_COOKIE)) ?? '';
  return /^[a-z0-9-]{1,63}$/.test(slug) ? slug : '';
}

/** Spares the next who signs in here the typing of it. */
export function rememberOrganization({ config }: Services, res: Response, slug: string): void {
  setCookie(res, config, ORGANIZATION_COOKIE, slug, 400 * DAY);
}

const USERNAME_COOKIE = 'gatehouse-username';

/** Fills in the username on the sign-in page that follows, for who has just proven by a mailed link or a code whose it is. */
export function proposeUsername({ config }: Services, res: Response, username: string): void {
  setCookie(res, config, USERNAME_COOKIE, encodeURIComponent(username), 10 * MINUTE);
}

/** The username that was proposed for this sign-in; '' when none was. It proves nothing. */
export function proposedUsername({ config }: Services, req: Request): string {
  try {
    return decodeURIComponent(readCookie(req, cookieName(config, USERNAME_COOKIE)) ?? '').slice(0, 254);
  } catch {
    return '';
  }
}

/** Once somebody is in, the name is not kept for the next at this machine. */
export function dropProposedUsername({ config }: Services, req: Request, res: Response): void {
  if (readCookie(req, cookieName(config, USERNAME_COOKIE)) !== null) clearCookie(res, config, USERNAME_COOKIE);
}
