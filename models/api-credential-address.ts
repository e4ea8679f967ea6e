import { Model, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { options, reference, text, time } from './columns.js';

/** An address that a credential was used from, and when it was last. */
export class ApiCredentialAddress extends Model<
  InferAttributes<ApiCredentialAddress>,
  InferCreationAttributes<ApiCredentialAddress>
> {
  declare credentialId: string;
  declare tenantId: string;
  declare ip: string;
  declare lastUsedAt: number;

  static register(sequelize: Sequelize): void {
    ApiCredentialAddress.init(
      {
        credentialId: { ...reference, primaryKey: true },
        tenantId: reference,
        ip: { ...text, primaryKey: true },
        lastUsedAt: time,
      },
      { ...options, sequelize, tableName: 'api_credential_addresses' },
    );
  }
}
