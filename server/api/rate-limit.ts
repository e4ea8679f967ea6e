import type { Response } from 'express';
import { counted } from '#policies/counted.js';
import { TooMany } from '#server/errors.js';
import { MINUTE, SECOND } from '#server/lib/clock.js';

interface Window {
  used: number;
  endsAt: number;
}

const MOST_KEYS = 50_000;

export interface RateLimiter {
  /** Counts one request against what a policy counts, such as an address, and says in the RateLimit headers what is left. Throws `TooMany` past the limit. */
  spend(res: Response, policy: string, whose: string, limit: number, now: number): void;
}

/**
 * Requests a minute, counted in this process: the limit guards against load, not against guessing (which is counted
 * in the database), and a write for each request would cost more than the request.
 */
export function createRateLimiter(): RateLimiter {
  const windows = new Map<string, Window>();
  return {
    spend(res, policy, whose, limit, now) {
      const key = `${policy}/${whose}`;
      let window = windows.get(key);
      if (!window || now >= window.endsAt) {
        if (windows.size >= MOST_KEYS) forgetEnded(windows, now);
        window = { used: 0, endsAt: now + MINUTE };
        windows.set(key, window);
      }
      window.used += 1;
      const seconds = Math.ceil((window.endsAt - now) / SECOND);
      const left = Math.max(0, limit - window.used);
      // Of the present draft of the standard (draft-ietf-httpapi-ratelimit-headers), then the three of the early ones.
      res.setHeader('RateLimit-Policy', `"${policy}";q=${limit};w=${MINUTE / SECOND}`);
      res.setHeader('RateLimit', `"${policy}";r=${left};t=${seconds}`);
      res.setHeader('RateLimit-Limit', String(limit));
      res.setHeader('RateLimit-Remaining', String(left));
      res.setHeader('RateLimit-Reset', String(seconds));
      if (window.used > limit) throw new TooMany(`Too many requests. Wait ${counted(seconds, 'second')}.`, seconds);
    },
  };
}

function forgetEnded(windows: Map<string, Window>, now: number): void {
  for (const [key, { endsAt }] of windows) if (now >= endsAt) windows.delete(key);
  if (windows.size >= MOST_KEYS) windows.clear();
}
