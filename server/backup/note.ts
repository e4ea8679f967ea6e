import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { Context } from '#server/context.js';
import type { EventName } from '#server/trace/events.js';
import { record, type Details } from '#server/trace/record.js';

/** A row in the log of the platform, where there is one: before the first set-up is through there is none. */
export async function notePlatform(context: Context, event: EventName, details: Details): Promise<void> {
  const platform = await Tenant.findOne({ where: { slug: PLATFORM_SLUG } });
  if (!platform) return;
  await record(context, { event, tenantId: platform.id, target: { type: 'tenant', id: platform.id }, details });
}
