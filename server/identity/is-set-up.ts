import { Tenant } from '#models/tenant.js';
import type { Services } from '#server/context.js';

// Once it is, it stays so: whoever signs in later waits for no count.
const known = new WeakSet<Services>();

/** Whether anybody has set this installation up: until then there is nobody who could sign in. */
export async function isSetUp(services: Services): Promise<boolean> {
  if (known.has(services)) return true;
  if ((await Tenant.count()) === 0) return false;
  known.add(services);
  return true;
}
