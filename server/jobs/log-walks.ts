import type { Services } from '#server/context.js';
import { workOnVerification } from '#server/features/security-log/verification.js';
import { SECOND } from '#server/lib/clock.js';
import { withLease } from './lease.js';

// As with people: what a process that is killed was at goes on after that lease, elsewhere.
const SLICE = 2 * SECOND;
const LEASE = 10 * SECOND;

/** Walks the logs that somebody wants verified, until there is none. */
export async function workOnLogWalks(services: Services, stop?: AbortSignal): Promise<void> {
  let more = true;
  while (more && !stop?.aborted) {
    more = false;
    await withLease(services, 'log-walks', LEASE, async () => {
      more = await workOnVerification(services, performance.now() + SLICE, stop);
    });
  }
}
