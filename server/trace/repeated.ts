import { inTransaction, isInTransaction } from '#models/transaction.js';
import {
  addRepeats,
  countRepeat,
  repeatsOver,
  takeRepeats,
  type Counted,
  type Repeated,
  type Repeats,
} from '#models/log-repeat.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest, type Context, type Services } from '#server/context.js';
import { networksOf } from '#server/lib/address.js';
import type { ClientDescription } from '#server/lib/client.js';
import { MINUTE } from '#server/lib/clock.js';
import { objectIn } from '#server/lib/json-object.js';
import { append } from './append.js';
import { isEventName } from './events.js';
import type { Details, Happening } from './record.js';

/** What is tried in vain, of whom if of anybody. */
export type RepeatedHappening = Happening & { tenantId: string; target?: { type: 'user'; id: string } };

/**
 * Writes that something was tried in vain, as `record` does, but no more than two rows a minute of the same: the first at
 * once, and one that says how many more there were once the minute is over. Who knocks for days fills no log, and is
 * counted to the last knock. The same is one event about one account from one address (IPv6: one /64), for one reason; where a
 * name was typed, under that name, so that what is written tells nobody in time whether the name is anybody's. A session and
 * the number of a request stand in the first row alone.
 */
export async function recordRepeated(context: Context, happening: RepeatedHappening, typed = ''): Promise<void> {
  const { services, now } = context;
  const { key, repeated } = sameOf(context, happening, typed);
  const work = async (): Promise<void> => {
    await writeRepeats(services, key, now);
    if (await countRepeat(key, repeated, { now, endsAt: now + MINUTE })) services.meters.event(happening.event);
    else await append(context, happening.tenantId, [happening]);
  };
  await (isInTransaction() ? work() : inTransaction(work));
}

/** What is counted as the same, and what all of it has in common. */
export function sameOf(
  context: Context,
  happening: RepeatedHappening,
  typed = '',
): { key: string; repeated: Repeated } {
  const { services, actor, door, ip } = context;
  const { tenantId, event, target, details = {}, actorId = actor?.id ?? null } = happening;
  const repeated = {
    ...{ tenantId, event, door, actorId, targetId: target?.id ?? null, details: JSON.stringify(details), ip },
    actorTenantId: actor && actorId === actor.id ? actor.tenantId : null,
    client: context.client ? JSON.stringify(context.client) : null,
  };
  const [network] = networksOf(ip);
  const same = [tenantId, event, door, actorId, repeated.targetId, repeated.details, network, typed];
  return { key: services.keys.mac('throttle', JSON.stringify(same)), repeated };
}

/** Adds what this process has counted without a write. */
export async function addCounted(
  services: Services,
  { key, repeated }: ReturnType<typeof sameOf>,
  counted: Counted,
): Promise<void> {
  await inTransaction(async () => {
    await writeRepeats(services, key, counted.lastAt);
    await addRepeats(key, repeated, counted, counted.lastAt + MINUTE);
  });
}

/** Writes what was counted in minutes that are over. Any number of processes may do so at once. Gives how many rows it wrote. */
export async function writeRepeatsOver(services: Services, stop?: AbortSignal): Promise<number> {
  const now = services.clock.now();
  let written = 0;
  let failure: Error | null = null;
  for (const key of await repeatsOver(services.database, now)) {
    if (stop?.aborted) break;
    try {
      if (await inTransaction(() => writeRepeats(services, key, now))) written += 1;
    } catch (error) {
      // One log that cannot be written keeps no other waiting; what is told of it is counted still.
      failure = error as Error;
    }
  }
  if (failure !== null) throw failure;
  return written;
}

// Taken and written in one transaction: killed at any moment, it is counted still, and written once.
async function writeRepeats(services: Services, key: string, now: number): Promise<boolean> {
  const repeats = await takeRepeats(key, now);
  if (!repeats || !isEventName(repeats.event)) return false;
  const { tenantId, event, actorId, actorTenantId, targetId, door, ip, client, lastAt } = repeats;
  // Whoever comes next writes it, and it is theirs no more than the session and the credential that they come with.
  const author = { ...SYSTEM, id: actorId, tenantId: actorTenantId };
  await append(contextWithoutRequest(services, author, 'job'), tenantId, [
    {
      ...{ event, actorId, at: lastAt, details: detailsOf(repeats) },
      ...(targetId === null ? {} : { target: { type: 'user', id: targetId } as const }),
      from: { door, ip, client: client === null ? null : (JSON.parse(client) as ClientDescription) },
    },
  ]);
  return true;
}

function detailsOf({ details, times, firstAt, lastAt }: Repeats): Details {
  const iso = (at: number): string => new Date(at).toISOString();
  return { ...(objectIn(details) as Details | null), times, firstAt: iso(firstAt), lastAt: iso(lastAt) };
}
