import { SecurityPolicy } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import { secondFactorDue } from '#policies/second-factor.js';
import type { TenantContext } from '#server/context.js';
import { namedOf, type NamedPerson } from './list.js';

/** Who must set up a second factor from now on, and by when (ms). */
export interface NewlyDemanded {
  people: number;
  first: NamedPerson[];
  by: number;
}

// A passkey is a second factor, where the policy lets it be one.
const WITHOUT = `
FROM user_roles ur JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
WHERE ur.tenant_id = $1 AND ur.role_id = $2 AND u.kind = 'person' AND u.status <> 'disabled' AND u.two_factor <> 'active'
  AND ($3 = 0 OR NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.tenant_id = u.tenant_id AND k.user_id = u.id))`;

/** Of the holders of a role that begins to demand one; null where the policy has second factors off. */
export async function whoMustSetUp(
  { actor, tenant, services, now }: TenantContext,
  roleId: string,
  limit: number,
): Promise<NewlyDemanded | null> {
  const policy = await SecurityPolicy.of(tenant.id);
  const by = secondFactorDue({ has: false, policy, roleDemands: true, marked: false, demandedSince: now });
  if (by === null) return null;
  const bind = [tenant.id, roleId, policy.passkeys === 'off' ? 0 : 1];
  const [counted] = await services.database.read(`SELECT count(*) AS people ${WITHOUT}`, bind);
  const rows = await services.database.read(
    `SELECT u.id, u.name, u.username ${WITHOUT} ORDER BY u.name_key, u.id LIMIT $4`,
    [...bind, limit],
  );
  return {
    people: Number(counted?.['people'] ?? 0),
    first: can(actor, 'users:read') ? rows.map(namedOf) : [],
    by,
  };
}
