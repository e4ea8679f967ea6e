import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { cookieName, readCookie, setCookie } from './cookies.js';

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
