import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { MINUTE } from '#server/lib/clock.js';
import { clearCookie, cookieName, readCookie, setCookie } from './cookies.js';

export interface Flash {
  kind: 'success' | 'warning' | 'danger';
  text: string;
}

const FLASH_COOKIE = 'gatehouse-flash';

/** Leaves a sentence for the next page. In a signed cookie, so that visitors can have one too and no row is written. */
export function setFlash(services: Services, res: Response, text: string, kind: Flash['kind'] = 'success'): void {
  const body = Buffer.from(JSON.stringify([kind, text])).toString('base64url');
  setCookie(res, services.config, FLASH_COOKIE, `${body}.${services.keys.mac('flash', body)}`, MINUTE);
}

/** Whether a sentence waits to be read: another would take its place. */
export function flashWaits({ config }: Services, req: Request): boolean {
  return readCookie(req, cookieName(config, FLASH_COOKIE)) !== null;
}

/** The sentence left for this page, which is then gone. */
export function takeFlash(services: Services, req: Request, res: Response): Flash | null {
  const [body = '', mac = ''] = (readCookie(req, cookieName(services.config, FLASH_COOKIE)) ?? '').split('.');
  if (body === '') return null;
  // Who asks for the head of a page alone reads nothing.
  if (req.method !== 'HEAD') clearCookie(res, services.config, FLASH_COOKIE);
  if (!services.keys.verifyMac('flash', body, mac)) return null;
  const [kind, text] = JSON.parse(Buffer.from(body, 'base64url').toString()) as [Flash['kind'], string];
  return { kind, text };
}
