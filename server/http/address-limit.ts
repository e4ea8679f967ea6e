import type { Request } from 'express';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { countThrottle, lookAtThrottle } from '#models/throttle.js';
import type { Services } from '#server/context.js';
import { Invalid, TooMany } from '#server/errors.js';
import { readAddress } from '#server/lib/address.js';
import { HOUR, MINUTE, SECOND } from '#server/lib/clock.js';

const POSTS_AN_HOUR = 300;
const FAILURES_A_MINUTE = 10;
const RESET_REQUESTS_AN_HOUR = 20;

/** Counts a form sent by somebody who is not signed in; throws `TooMany` past 300 an hour from one address. */
export async function countEntrancePost(services: Services, req: Request): Promise<void> {
  const now = services.clock.now();
  const { points, windowEndsAt } = await countThrottle(
    services.database,
    `posts/${addressKey(req.context.ip)}`,
    HOUR,
    now,
  );
  if (points > POSTS_AN_HOUR) throw tooMany(windowEndsAt - now);
}

/** Throws `TooMany` while this address has 10 failures in the running minute. */
export async function refuseFailingAddress(services: Services, ip: string | null): Promise<void> {
  const now = services.clock.now();
  const { points, windowEndsAt } = await lookAtThrottle(services.database, `failures/${addressKey(ip)}`, now);
  if (points >= FAILURES_A_MINUTE) throw tooMany(windowEndsAt - now);
}

/** Counts one failure (a wrong password, code or link) against the address. */
export async function countFailure(services: Services, ip: string | null): Promise<void> {
  await countThrottle(services.database, `failures/${addressKey(ip)}`, MINUTE, services.clock.now());
}

/** Runs a check of a password or code; refused to an address that has failed too often, and what is wrong counts against it. */
export async function countingFailures<R>(services: Services, ip: string | null, check: () => Promise<R>): Promise<R> {
  await refuseFailingAddress(services, ip);
  try {
    return await check();
  } catch (error) {
    if (error instanceof Invalid) await countFailure(services, ip);
    throw error;
  }
}

/** Counts a request for a new password, whoever it is for; throws `TooMany` past 20 an hour from one address. */
export async function countResetRequest(services: Services, ip: string | null): Promise<void> {
  const now = services.clock.now();
  const { points, windowEndsAt } = await countThrottle(
    services.database,
    `reset-requests/${addressKey(ip)}`,
    HOUR,
    now,
  );
  if (points > RESET_REQUESTS_AN_HOUR) throw tooMany(windowEndsAt - now);
}

function tooMany(waitMs: number): TooMany {
  return new TooMany('Too many tries from your address. Wait a little and try again.', waitMs / SECOND);
}

/** An address as it is counted: an IPv6 customer has a whole /64, so that is one; IPv4 inside IPv6 is IPv4. */
export function addressKey(given: string | null | undefined): string {
  const ip = readAddress(given ?? '');
  if (ip === null) return 'unknown';
  if (!isIPv6(ip)) return ip;
  const prefix = ipaddr.IPv6.parse(ip).parts.slice(0, 4);
  return `${prefix.map((group) => group.toString(16)).join(':')}::/64`;
}
