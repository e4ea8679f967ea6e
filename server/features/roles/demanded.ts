import { SecurityPolicy } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import { passkeyDue, secondFactorDue } from '#policies/second-factor.js';
import type { TenantContext } from '#server/context.js';
import { withFactorUnder } from '#server/identity/factor-sql.js';
import { namedOf, type NamedPerson } from './list.js';

/** Who must set up a second factor from now on, and by when (ms). */
export interface NewlyDemanded {
  people: number;
  first: NamedPerson[];
  by: number;
}

const HOLDERS = `
FROM user_roles ur JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
WHERE ur.tenant_id = $1 AND ur.role_id = $2 AND u.kind = 'person' AND u.status <> 'disabled'`;

// Beside a passkey no other will do; one that sleeps is one still.
const WITHOUT_PASSKEY = `${HOLDERS}
  AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.tenant_id = u.tenant_id AND k.user_id = u.id)`;

/** Of the holders of a role that begins to demand a passkey; null where the policy has passkeys off. */
export async function whoMustAddPasskey(
  context: TenantContext,
  roleId: string,
  limit: number,
): Promise<NewlyDemanded | null> {
  const policy = await SecurityPolicy.of(context.tenant.id);
  const since = { joinedAt: context.now, reachedAt: context.now, rolesSince: [context.now] };
  const by = passkeyDue({ has: false, policy, ...since });
  return by === null ? null : { ...(await found(context, WITHOUT_PASSKEY, [context.tenant.id, roleId], limit)), by };
}

/** Of the holders of a role that begins to demand one; null where the policy has second factors off. */
export async function whoMustSetUp(
  context: TenantContext,
  roleId: string,
  limit: number,
): Promise<NewlyDemanded | null> {
  const { tenant, now } = context;
  const policy = await SecurityPolicy.of(tenant.id);
  const by = secondFactorDue({ has: false, policy, roleDemands: true, marked: false, demandedSince: now });
  if (by === null) return null;
  const without = `${HOLDERS} AND NOT ${withFactorUnder(policy)}`;
  return { ...(await found(context, without, [tenant.id, roleId], limit)), by };
}

async function found(
  { actor, services }: TenantContext,
  from: string,
  bind: (string | number)[],
  limit: number,
): Promise<Omit<NewlyDemanded, 'by'>> {
  const [counted] = await services.database.read(`SELECT count(*) AS people ${from}`, bind);
  const rows = await services.database.read(
    `SELECT u.id, u.name, u.username ${from} ORDER BY u.name_key, u.id LIMIT $${bind.length + 1}`,
    [...bind, limit],
  );
  return {
    people: Number(counted?.['people'] ?? 0),
    first: can(actor, 'users:read') ? rows.map(namedOf) : [],
  };
}
