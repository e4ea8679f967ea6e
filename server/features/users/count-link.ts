import { countThrottle } from '#models/throttle.js';
import type { TenantContext } from '#server/context.js';
import { TooMany } from '#server/errors.js';
import { HOUR, SECOND } from '#server/lib/clock.js';

const LINKS_AN_HOUR = 5;

/** Counts a link that is mailed to this account; throws `TooMany` after five in an hour. */
export async function countLink({ services, tenant, actor, now }: TenantContext, userId: string): Promise<void> {
  // Nobody has asked for these mails: an administrator, or a program of theirs, fills no mailbox with them.
  // The command line is for when nothing else helps.
  if (actor.kind !== 'user') return;
  const { points, windowEndsAt } = await countThrottle(services.database, `links/${tenant.id}/${userId}`, HOUR, now);
  if (points > LINKS_AN_HOUR)
    throw new TooMany(
      'Five links were mailed to this account within an hour. Wait a little: the newest works.',
      (windowEndsAt - now) / SECOND,
    );
}
