import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { readChallenge, type HalfSignedIn } from '#server/identity/principal.js';
import { HOUR } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import { clearCookie, cookieName, readCookie, setCookie } from './cookies.js';
import { setFlash } from './flash.js';

const CHALLENGE_COOKIE = 'gatehouse-challenge';
// Longer than the challenge itself, which the server ends: so whoever comes too late can be told why.
const COOKIE_LIFE = HOUR;

/** The challenge of this request; null when there is none, or it is over. */
export async function challengeOf(services: Services, req: Request): Promise<HalfSignedIn | null> {
  const token = formerChallenge(services, req);
  if (token === null) return null;
  return readChallenge(services.database.read, hashToken(token), { now: services.clock.now(), ip: req.context.ip });
}

/** The token of the challenge that this browser was given last, alive or not; null when there is none. */
export function formerChallenge(services: Services, req: Request): string | null {
  return readCookie(req, cookieName(services.config, CHALLENGE_COOKIE));
}

/** Whether the browser believes to be in the middle of a sign-in: it has sent the cookie of a challenge, alive or not. */
export function sentChallenge(services: Services, req: Request): boolean {
  return formerChallenge(services, req) !== null;
}

/** Puts the token of a new challenge into the browser. */
export function giveChallenge(services: Services, res: Response, token: string): void {
  setCookie(res, services.config, CHALLENGE_COOKIE, token, COOKIE_LIFE);
}

/** Takes the cookie back, when the challenge is over. */
export function dropChallenge(services: Services, res: Response): void {
  clearCookie(res, services.config, CHALLENGE_COOKIE);
}

/** Sends whoever has no sign-in half done, or none that is good any more, to where it begins. */
export function beginAgain(services: Services, req: Request, res: Response): void {
  const { user } = req.context;
  if (sentChallenge(services, req)) {
    dropChallenge(services, res);
    if (!user)
      setFlash(
        services,
        res,
        'Begin again with your password: the sign-in took too long, had too many wrong codes, or was completed elsewhere.',
        'warning',
      );
  }
  res.redirect(303, user ? '/' : '/login');
}
