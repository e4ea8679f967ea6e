import { countThrottle } from '#models/throttle.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { Context, Services } from '#server/context.js';
import { MINUTE } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import { Forbidden, Outside, TooMany, type Refusal } from '#server/errors.js';

const MOST_KEYS = 10_000;

// What this process has just told: who is refused a thousand times a second costs no write each time.
const told = new WeakMap<Services, Map<string, number>>();

/**
 * Tells the log that somebody was refused for want of a right, by the guard against forged forms, or for asking too
 * often: at most once a minute for each of who asks and what for. On the side, since the answer is the same.
 */
export function noteRefusal(context: Context, route: string, refusal: Refusal | null): void {
  if (!(refusal instanceof Forbidden || refusal instanceof Outside || refusal instanceof TooMany)) return;
  const { services, now, requestId } = context;
  const event = refusal instanceof TooMany ? 'access.throttled' : 'access.refused';
  const who = context.credential?.id ?? context.user?.id ?? context.ip ?? 'unknown';
  const key = `${event}/${who}/${route}`.slice(0, 120);
  const recent = told.get(services) ?? new Map<string, number>();
  told.set(services, recent);
  if ((recent.get(key) ?? 0) > now - MINUTE) return;
  if (recent.size >= MOST_KEYS) recent.clear();
  recent.set(key, now);
  services.aside.run(
    async () => {
      if ((await countThrottle(services.database, key, MINUTE, now)).points > 1) return;
      // A visitor is of no organisation; the operators see what is tried at the door.
      const home = context.tenant ?? (await Tenant.findOne({ where: { slug: PLATFORM_SLUG } }));
      if (home) await record(context, { event, tenantId: home.id, details: { route, reason: refusal.message } });
    },
    (error) => services.log.error({ requestId, error: (error as Error).name }, 'a refusal was not logged'),
  );
}
