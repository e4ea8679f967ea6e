import { Model, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { options, reference, text, time } from './columns.js';

/** The end of a tenant's chain, kept apart, so that rows cut off the end are missed too. */
export class SecurityLogHead extends Model<InferAttributes<SecurityLogHead>, InferCreationAttributes<SecurityLogHead>> {
  declare tenantId: string;
  declare count: number;
  declare hash: string;
  declare keyId: string;
  declare mac: string;

  static register(sequelize: Sequelize): void {
    SecurityLogHead.init(
      { tenantId: { ...reference, primaryKey: true }, count: time, hash: text, keyId: text, mac: text },
      { ...options, sequelize, tableName: 'security_log_heads' },
    );
  }
}
