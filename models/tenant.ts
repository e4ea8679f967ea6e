import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import { id, options, optionalTime, text, time } from './columns.js';

export const PLATFORM_SLUG = 'platform';

/** An organisation. Owns everything else; another tenant's rows do not exist for it. */
export class Tenant extends Model<InferAttributes<Tenant>, InferCreationAttributes<Tenant>> {
  declare id: CreationOptional<string>;
  declare slug: string;
  declare name: string;
  declare status: CreationOptional<'active' | 'suspended'>;
  declare colour: CreationOptional<string>;
  declare signInMessage: CreationOptional<string>;
  declare createdAt: number;
  declare suspendedAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    Tenant.init(
      {
        id,
        slug: text,
        name: text,
        status: { ...text, defaultValue: 'active' },
        colour: { ...text, defaultValue: 'blue' },
        signInMessage: { ...text, defaultValue: '' },
        createdAt: time,
        suspendedAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'tenants' },
    );
  }

  get isPlatform(): NonAttribute<boolean> {
    return this.slug === PLATFORM_SLUG;
  }
}
