import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import { canonicalName, priorKey } from '#policies/names.js';
import type { Permission } from '#policies/permissions.js';
import { grantsOf, type FactoryRoleKey } from '#policies/roles.js';
import { flag, id, optionalText, options, reference, text, time } from './columns.js';

/** A named set of permissions in a tenant. A factory role has a `key`, and its permissions come from `policies/roles.ts`. */
export class Role extends Model<InferAttributes<Role>, InferCreationAttributes<Role>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare key: CreationOptional<FactoryRoleKey | null>;
  declare name: string;
  declare nameKey: CreationOptional<string>;
  declare description: CreationOptional<string>;
  /** JSON array of permissions; of a role of the tenant's own. */
  declare permissions: CreationOptional<string>;
  declare readOnly: CreationOptional<boolean>;
  declare requiresTwoFactor: CreationOptional<boolean>;
  /** Since when the role has demanded it; 0 when it does not. */
  declare twoFactorSince: CreationOptional<number>;
  declare createdAt: number;

  static register(sequelize: Sequelize): void {
    Role.init(
      {
        id,
        tenantId: reference,
        key: optionalText,
        name: text,
        nameKey: { ...text, defaultValue: '' },
        description: { ...text, defaultValue: '' },
        permissions: { ...text, defaultValue: '[]' },
        readOnly: flag,
        requiresTwoFactor: flag,
        twoFactorSince: { ...time, defaultValue: 0 },
        createdAt: time,
      },
      {
        ...options,
        sequelize,
        tableName: 'roles',
        hooks: { beforeSave: (role) => role.setKey() },
      },
    );
  }

  /** Works out the canonical column from the name that a person typed. */
  setKey(): void {
    if (this.nameKey !== priorKey(this.name)) this.nameKey = canonicalName(this.name);
  }

  get grants(): NonAttribute<readonly Permission[]> {
    return grantsOf(this);
  }

  /** The factory role of this key, which every tenant has from its first day. */
  static async factory(tenantId: string, key: FactoryRoleKey): Promise<Role> {
    return Role.findOne({ where: { tenantId, key }, rejectOnEmpty: true });
  }
}
