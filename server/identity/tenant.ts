import { Tenant } from '#models/tenant.js';
import type { TenantInContext } from '#server/context.js';

/** A tenant as the context holds it. */
export function inContext(tenant: Tenant): TenantInContext {
  const { id, slug, name, colour, logo, isPlatform: platform } = tenant;
  return { id, slug, name, colour, logo, platform };
}
