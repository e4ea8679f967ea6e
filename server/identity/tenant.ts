import { Tenant } from '#models/tenant.js';
import type { TenantInContext } from '#server/context.js';

/** A tenant as the context holds it. */
export function inContext(tenant: Tenant): TenantInContext {
  return { id: tenant.id, slug: tenant.slug, name: tenant.name, colour: tenant.colour, platform: tenant.isPlatform };
}
