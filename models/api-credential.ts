import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
  DataTypes,
} from 'sequelize';
import { id, optionalReference, optionalText, optionalTime, options, reference, text, time } from './columns.js';

/** A credential for programs: one of many API tokens, the API key or the API password. Its secrets stand in their own table. */
export class ApiCredential extends Model<InferAttributes<ApiCredential>, InferCreationAttributes<ApiCredential>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare userId: string;
  declare kind: 'token' | 'key' | 'password';
  declare name: string;
  declare roleId: CreationOptional<string | null>;
  /** JSON array of permissions; null is all of the role. */
  declare scopes: CreationOptional<string | null>;
  declare allowedIps: CreationOptional<string>;
  declare months: CreationOptional<number | null>;
  declare createdAt: number;
  declare expiresAt: CreationOptional<number | null>;
  declare revokedAt: CreationOptional<number | null>;
  declare lastUsedAt: CreationOptional<number | null>;
  declare lastUsedIp: CreationOptional<string | null>;
  /** The least days before expiry that its owner has been mailed about: 14, 3 or 0. */
  declare noticedDays: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    ApiCredential.init(
      {
        id,
        tenantId: reference,
        userId: reference,
        kind: text,
        name: text,
        roleId: optionalReference,
        scopes: optionalText,
        allowedIps: { ...text, defaultValue: '' },
        months: { type: DataTypes.INTEGER, allowNull: true },
        createdAt: time,
        expiresAt: optionalTime,
        revokedAt: optionalTime,
        lastUsedAt: optionalTime,
        lastUsedIp: optionalText,
        noticedDays: { type: DataTypes.INTEGER, allowNull: true },
      },
      { ...options, sequelize, tableName: 'api_credentials' },
    );
  }

  /** The token's narrower choice of permissions; null is all of its role. */
  get scopeList(): NonAttribute<string[] | null> {
    return this.scopes === null ? null : (JSON.parse(this.scopes) as string[]);
  }
}
