import type { Request, Response } from 'express';
import { Challenge } from '#models/challenge.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import type { Services, TenantInContext } from '#server/context.js';
import { HOUR } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import { clearCookie, cookieName, readCookie, setCookie } from './cookies.js';

const CHALLENGE_COOKIE = 'gatehouse-challenge';
// Longer than the challenge itself, which the server ends: so whoever comes too late can be told why.
const COOKIE_LIFE = HOUR;

/** Somebody who has proven the password, and not yet the second factor. There is no user on such a request. */
export interface HalfSignedIn {
  challenge: Challenge;
  user: User;
  tenant: TenantInContext;
}

/** The challenge of this request; null when there is none, it is over, or user or tenant are no longer what they were. */
export async function readChallenge(services: Services, req: Request): Promise<HalfSignedIn | null> {
  const token = readCookie(req, cookieName(services.config, CHALLENGE_COOKIE));
  if (token === null) return null;
  const challenge = await Challenge.open(hashToken(token), services.clock.now());
  if (!challenge) return null;
  const { tenantId, userId: id, epoch } = challenge;
  const user = await User.findOne({ where: { tenantId, id, epoch, status: 'active' } });
  const tenant = await Tenant.findOne({ where: { id: tenantId, status: 'active' } });
  if (!user || !tenant) return null;
  return {
    challenge,
    user,
    tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name, colour: tenant.colour, platform: tenant.isPlatform },
  };
}

/** Whether the browser believes to be in the middle of a sign-in: it has sent the cookie of a challenge, alive or not. */
export function sentChallenge(services: Services, req: Request): boolean {
  return readCookie(req, cookieName(services.config, CHALLENGE_COOKIE)) !== null;
}

/** Puts the token of a new challenge into the browser. */
export function giveChallenge(services: Services, res: Response, token: string): void {
  setCookie(res, services.config, CHALLENGE_COOKIE, token, COOKIE_LIFE);
}

/** Takes the cookie back, when the challenge is over. */
export function dropChallenge(services: Services, res: Response): void {
  clearCookie(res, services.config, CHALLENGE_COOKIE);
}
