import { inTransaction } from '#models/transaction.js';
import { Tenant } from '#models/tenant.js';
import type { Context } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { renameTenant, resumeTenant, suspendTenant } from './actions.js';

/** What is left out stays as it is. */
export interface TenantChanges {
  name?: string;
  status?: Tenant['status'];
}

/** Renames, suspends or resumes an organisation, all of it or nothing; what it is already changes nothing. Gives it as it is then. */
export async function changeTenant(
  context: Context,
  tenantId: string,
  { name, status }: TenantChanges,
): Promise<Tenant> {
  return inTransaction(async () => {
    if (name !== undefined) await renameTenant(context, tenantId, name);
    const now = await find(tenantId);
    if (status === 'suspended' && now.status !== status) await suspendTenant(context, tenantId);
    if (status === 'active' && now.status !== status) await resumeTenant(context, tenantId);
    return find(tenantId);
  });
}

async function find(tenantId: string): Promise<Tenant> {
  const tenant = await Tenant.findByPk(tenantId);
  if (!tenant) throw new NotFound();
  return tenant;
}
