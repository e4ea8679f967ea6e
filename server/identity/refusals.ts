import type { Counted } from '#models/log-repeat.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { Context, Services } from '#server/context.js';
import { MINUTE } from '#server/lib/clock.js';
import { addCounted, recordRepeated, sameOf, type RepeatedHappening } from '#server/trace/repeated.js';
import { Forbidden, OutOfDate, Outside, TooMany, type Refusal } from '#server/errors.js';

const MOST_KEYS = 10_000;
const NOTED = [Forbidden, Outside, OutOfDate, TooMany] as const;

/** What came in the minute after the log was told of one, and is not written yet. */
interface Told extends Counted {
  until: number;
  /** Unknown until the first is written. */
  same: ReturnType<typeof sameOf> | null;
}

const told = new WeakMap<Services, Map<string, Told>>();

/**
 * Tells the log that somebody was refused for want of a right, by the guard against forged forms, or for asking too
 * often: of the first in a minute at once, for each of who asks and what for, and on the side, since the answer is the same.
 * The next are counted until `writeRefusals`: who is refused a thousand times a second costs no write each time.
 */
export function noteRefusal(context: Context, route: string, refusal: Refusal | null): void {
  if (!NOTED.some((kind) => refusal instanceof kind) || refusal === null) return;
  const { services, now, requestId, credential, user, ip, door } = context;
  const event = refusal instanceof TooMany ? 'access.throttled' : 'access.refused';
  // For how long somebody has to wait is another each time.
  const reason = refusal instanceof TooMany ? refusal.message.replace(/\..*/s, '') : refusal.message;
  const all = toldOf(services);
  const key = JSON.stringify([event, door, credential?.id, user?.id, ip, route, reason]);
  const before = all.get(key);
  // Further off, its minute began before the clock was put back.
  if (before && before.until > now && before.until <= now + MINUTE) {
    if (before.times === 0) before.firstAt = now;
    before.times += 1;
    before.lastAt = now;
    services.meters.event(event);
    return;
  }
  const failed = (error: unknown): void =>
    services.log.error({ requestId, error: (error as Error).name }, 'a refusal was not logged');
  if (all.size >= MOST_KEYS) {
    const rest = [...all.values()];
    services.aside.run(() => addAll(services, rest), failed);
    all.clear();
  }
  const fresh: Told = { until: now + MINUTE, times: 0, firstAt: now, lastAt: now, same: null };
  all.set(key, fresh);
  services.aside.run(
    async () => {
      if (before) await addAll(services, [before]);
      // A visitor is of no organisation; the operators see what is tried at the door.
      const home = context.tenant ?? (await Tenant.findOne({ where: { slug: PLATFORM_SLUG } }));
      if (!home) return;
      const happening: RepeatedHappening = { event, tenantId: home.id, details: { route, reason } };
      const typed = credential?.id ?? '';
      await recordRepeated(context, happening, typed);
      fresh.same = sameOf(context, happening, typed);
    },
    (error) => {
      all.delete(key);
      failed(error);
    },
  );
}

/** Writes what this process has counted of refusals. Where that fails, it is counted still. */
export async function writeRefusals(services: Services): Promise<void> {
  const now = services.clock.now();
  const all = toldOf(services);
  await addAll(services, [...all.values()]);
  for (const [key, { until, times }] of all) if ((until <= now || until > now + MINUTE) && times === 0) all.delete(key);
}

async function addAll(services: Services, those: readonly Told[]): Promise<void> {
  for (const one of those) {
    const { same, times, firstAt, lastAt } = one;
    if (same === null || times === 0) continue;
    one.times = 0;
    try {
      await addCounted(services, same, { times, firstAt, lastAt });
    } catch (error) {
      if (one.times === 0) one.lastAt = lastAt;
      one.firstAt = firstAt;
      one.times += times;
      throw error;
    }
  }
}

function toldOf(services: Services): Map<string, Told> {
  const all = told.get(services) ?? new Map<string, Told>();
  told.set(services, all);
  return all;
}
