import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { randomToken } from '#server/lib/random-token.js';
import { cookieName, readCookie, setCookie } from './cookies.js';

const BROWSER_COOKIE = 'gatehouse-browser';

/** The id of a browser that somebody has signed in with before, from its signed cookie; null when there is none or it was made up. */
export function readBrowser({ config, keys }: Services, req: Request): string | null {
  const [id = '', mac = ''] = (readCookie(req, cookieName(config, BROWSER_COOKIE)) ?? '').split('.');
  return id !== '' && keys.verifyMac('browser', id, mac) ? id : null;
}

/** The browser's id; a new one is set in its cookie when it has none. It names a browser, and proves nothing about who sits at it. */
export function ensureBrowser(services: Services, req: Request, res: Response): string {
  const { config, keys } = services;
  const known = readBrowser(services, req);
  const id = known ?? randomToken();
  const signed =
    known === null ? `${id}.${keys.mac('browser', id)}` : (readCookie(req, cookieName(config, BROWSER_COOKIE)) ?? '');
  setCookie(res, config, BROWSER_COOKIE, signed, 400 * DAY);
  return id;
}
