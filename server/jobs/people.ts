import type { Services } from '#server/context.js';
import { workOnNext } from '#server/features/user-jobs/work.js';
import { SECOND } from '#server/lib/clock.js';
import { withLease } from './lease.js';

// A slice is over well before its lease: what a process that is killed was at goes on after that lease, elsewhere.
const SLICE = 4 * SECOND;
const LEASE = 10 * SECOND;

/** Does to many people what was begun, one by one, until there is no more of it. */
export async function workOnPeople(services: Services, stop?: AbortSignal): Promise<void> {
  let more = true;
  while (more && !stop?.aborted) {
    more = false;
    await withLease(services, 'people', LEASE, async () => {
      more = await workOnNext(services, performance.now() + SLICE, stop);
    });
  }
}
