import type { Request, Response } from 'express';
import type { SignedInContext } from '#server/context.js';
import { cookieName, readCookie, setCookie } from '#server/http/cookies.js';
import { DAY } from '#server/lib/clock.js';

const LOOK_COOKIE = 'gatehouse-looked';

/**
 * When this person last looked at their sessions in this browser before they signed in to it now; null where they never
 * did. It is kept by the browser itself: a stranger who looks elsewhere takes no mark away. Notes the look of now.
 */
export function lastLook(
  req: Request,
  res: Response,
  { services, user, session, now }: SignedInContext,
): number | null {
  const { config } = services;
  const [, who, before, last] =
    /^([\w-]{36})\.(\d{0,15})\.(\d{1,15})$/.exec(readCookie(req, cookieName(config, LOOK_COOKIE)) ?? '') ?? [];
  // Looking again in the same session marks the same: what is new stays so until the next visit.
  const since = who !== user.id ? '' : Number(last) < session.createdAt ? (last ?? '') : (before ?? '');
  setCookie(res, config, LOOK_COOKIE, `${user.id}.${since}.${now}`, 400 * DAY);
  return since === '' ? null : Number(since);
}

/** Whether a session began after that, elsewhere. */
export function isNew(one: { id: string; createdAt: number }, look: number | null, session: { id: string }): boolean {
  return look !== null && one.createdAt > look && one.id !== session.id;
}
