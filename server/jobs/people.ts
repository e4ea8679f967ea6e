import type { Services } from '#server/context.js';
import { workOnNext } from '#server/features/user-jobs/work.js';
import { SECOND } from '#server/lib/clock.js';
import { withLease } from './lease.js';

// A slice is over well before its lease: what a process that is killed was at goes on after that lease, elsewhere.
const SLICE = 4 * SECOND;
const LEASE = 10 * SECOND;

/** Does to many people what was begun, one by one, until there is no more of it. */
export async function workOnPeople(services: Services, stop?: AbortSignal): Promise<void> {
  while (!stop?.aborted && (await workForAWhile(services, stop)));
}

/** The same for some seconds; false where there was nothing to do, or another process is at it. */
export async function workForAWhile(services: Services, stop?: AbortSignal): Promise<boolean> {
  let more = false;
  await withLease(services, 'people', LEASE, async () => {
    more = await workOnNext(services, performance.now() + SLICE, stop);
  });
  return more;
}
