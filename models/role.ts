import type { NonAttribute } from 'sequelize';
import { canonicalName, priorKey } from '#policies/names.js';
import type { Permission } from '#policies/permissions.js';
import { FACTORY_ROLE_KEYS, grantsOf, type FactoryRoleKey } from '#policies/roles.js';
import { flag, id, optionally, reference, table, text, time, withDefault } from './columns.js';

/** A named set of permissions in a tenant. A factory role has a `key`, and its permissions come from `policies/roles.ts`. */
export class Role extends table(
  'roles',
  {
    id,
    tenantId: reference,
    key: optionally(FACTORY_ROLE_KEYS),
    name: text,
    nameKey: withDefault(text, ''),
    description: withDefault(text, ''),
    /** JSON array of permissions; of a role of the tenant's own. */
    permissions: withDefault(text, '[]'),
    readOnly: flag,
    requiresTwoFactor: flag,
    /** An API token that is bound to it opens nothing until an owner has approved it. */
    tokensNeedApproval: flag,
    /** Since when the role has demanded it; 0 when it does not. */
    twoFactorSince: withDefault(time, 0),
    /** Codes do not let its people in: they sign in with a passkey. */
    requiresPhishingResistant: flag,
    /** Since when; 0 when it does not. */
    phishingResistantSince: withDefault(time, 0),
    createdAt: time,
  },
  setKey,
) {
  get grants(): NonAttribute<readonly Permission[]> {
    return grantsOf(this);
  }

  /** The factory role of this key, which every tenant has from its first day. */
  static async factory(tenantId: string, key: FactoryRoleKey): Promise<Role> {
    return Role.findOne({ where: { tenantId, key }, rejectOnEmpty: true });
  }
}

/** Works out the canonical column from the name that a person typed. */
function setKey(role: Record<'name' | 'nameKey', string>): void {
  if (role.nameKey !== priorKey(role.name)) role.nameKey = canonicalName(role.name);
}
