import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { optionalTime, options, reference, text, time } from './columns.js';

/** A secret of a credential, as its hash. While a token is rotated with an overlap it has two, and the old one dies by itself. */
export class ApiCredentialSecret extends Model<
  InferAttributes<ApiCredentialSecret>,
  InferCreationAttributes<ApiCredentialSecret>
> {
  declare publicId: string;
  declare tenantId: string;
  declare credentialId: string;
  declare secretHash: string;
  declare createdAt: number;
  declare diesAt: CreationOptional<number | null>;
  declare lastUsedAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    ApiCredentialSecret.init(
      {
        publicId: { ...reference, primaryKey: true },
        tenantId: reference,
        credentialId: reference,
        secretHash: text,
        createdAt: time,
        diesAt: optionalTime,
        lastUsedAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'api_credential_secrets' },
    );
  }
}
