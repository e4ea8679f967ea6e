import { Tenant } from './tenant.js';
import { UserRole } from './user-role.js';

/**
 * Removes an organisation with all that is its, by the foreign keys. PostgreSQL follows these in an order that nobody
 * chooses, and a role that somebody holds cannot go: who holds which goes before. Within a transaction of the caller's.
 */
export async function removeWithAll(tenantId: string): Promise<void> {
  await UserRole.destroy({ where: { tenantId } });
  await Tenant.destroy({ where: { id: tenantId } });
}
