import { countThrottle, lookAtThrottles } from '#models/throttle.js';
import type { Services } from '#server/context.js';
import { TooMany } from '#server/errors.js';
import { networksOf } from '#server/lib/address.js';
import { HOUR, MINUTE, SECOND } from '#server/lib/clock.js';
import type { Asker } from '#server/lib/places.js';

interface AddressLimit {
  counter: string;
  windowMs: number;
  /** How many an address may have. */
  most: number;
}

const POSTS: AddressLimit = { counter: 'posts', windowMs: HOUR, most: 300 };
const FAILURES: AddressLimit = { counter: 'failures', windowMs: MINUTE, most: 10 };
const RESET_REQUESTS: AddressLimit = { counter: 'reset-requests', windowMs: HOUR, most: 20 };

// How many times as much as an address the networks around it may have: more than a few addresses, less than all.
const MORE: readonly [suffix: RegExp, times: number][] = [
  [/\/(24|56)$/, 4],
  [/\/48$/, 10],
];

/** Counts a form sent by somebody who is not signed in; throws `TooMany` past 300 an hour from one address, or more from its networks. */
export async function countEntrancePost(services: Services, ip: string | null): Promise<void> {
  await count(services, ip, POSTS);
}

/** Throws `TooMany` while this address has 10 failures in the running minute, or its networks have more. */
export async function refuseFailingAddress(services: Services, ip: string | null): Promise<void> {
  const now = services.clock.now();
  const networks = networksOf(ip);
  if (networks.length === 0) return;
  const keys = networks.map((network) => keyOf(FAILURES, network));
  const counters = await lookAtThrottles(services.database, keys, now, FAILURES.windowMs);
  for (const [at, { points, windowEndsAt }] of counters.entries())
    if (points >= mostOf(FAILURES, networks[at] ?? '')) throw tooMany(windowEndsAt - now);
}

/** Counts one failure (a wrong password, code or link) against the address and its networks. */
export async function countFailure(services: Services, ip: string | null): Promise<void> {
  for (const network of networksOf(ip))
    await countThrottle(services.database, keyOf(FAILURES, network), MINUTE, services.clock.now());
}

/** Counts a request for a new password, whoever it is for; throws `TooMany` past 20 an hour from one address. */
export async function countResetRequest(services: Services, ip: string | null): Promise<void> {
  await count(services, ip, RESET_REQUESTS);
}

/** A stranger in the line for hashing: each network has its turns, and in it each address. */
export function stranger(ip: string | null): Asker {
  return { known: false, path: networksOf(ip).toReversed() };
}

async function count(services: Services, ip: string | null, limit: AddressLimit): Promise<void> {
  const now = services.clock.now();
  for (const network of networksOf(ip)) {
    const counter = await countThrottle(services.database, keyOf(limit, network), limit.windowMs, now);
    // Who is over the limit alone must not use up that of the networks around.
    if (counter.points > mostOf(limit, network)) throw tooMany(counter.windowEndsAt - now);
  }
}

function keyOf({ counter }: AddressLimit, network: string): string {
  return `${counter}/${network}`;
}

function mostOf({ most }: AddressLimit, network: string): number {
  return most * (MORE.find(([suffix]) => suffix.test(network))?.[1] ?? 1);
}

function tooMany(waitMs: number): TooMany {
  return new TooMany('Too many tries from your address. Wait a little and try again.', waitMs / SECOND);
}
