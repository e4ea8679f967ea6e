import { Tenant } from '#models/tenant.js';
import type { Context } from '#server/context.js';
import type { EventName } from '#server/trace/events.js';
import { record, type Details } from '#server/trace/record.js';
import { ensurePlatform } from '#server/identity/make-tenant.js';

/** Both know of it: the organisation what was done to it, the operators what they did. */
export async function tell(context: Context, tenant: Tenant, event: EventName, details: Details): Promise<void> {
  await record(context, { event, tenantId: tenant.id, target: { type: 'tenant', id: tenant.id }, details });
  if (!tenant.isPlatform) await tellPlatform(context, tenant, event, details);
}

export async function tellPlatform(
  context: Context,
  tenant: Tenant,
  event: EventName,
  details: Details,
): Promise<void> {
  const platform = await ensurePlatform(context);
  await record(context, { event, tenantId: platform.id, target: { type: 'tenant', id: tenant.id }, details });
}
