import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { HOUR } from '#server/lib/clock.js';
import { cookieName, readCookie, setCookie } from './cookies.js';

const LEFT_COOKIE = 'gatehouse-left';

/** Notes in the browser which session it has just left, for as long as a form of one of its pages is kept. It opens nothing. */
export function noteLeftSession({ config, keys }: Services, res: Response, id: string): void {
  setCookie(res, config, LEFT_COOKIE, `${id}.${keys.mac('csrf', `left ${id}`)}`, HOUR);
}

/** The session that this browser has left: the row of one that is over; null where it has none, or made it up. */
export function leftSession({ config, keys }: Services, req: Request): string | null {
  const [id = '', mac = ''] = (readCookie(req, cookieName(config, LEFT_COOKIE)) ?? '').split('.');
  return id !== '' && keys.verifyMac('csrf', `left ${id}`, mac) ? id : null;
}
