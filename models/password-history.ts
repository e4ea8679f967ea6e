import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { id, options, reference, text, time } from './columns.js';

/** A password that was the user's before; kept as its hash, as long as the policy's history asks. */
export class PasswordHistory extends Model<InferAttributes<PasswordHistory>, InferCreationAttributes<PasswordHistory>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare userId: string;
  declare passwordHash: string;
  declare createdAt: number;

  static register(sequelize: Sequelize): void {
    PasswordHistory.init(
      { id, tenantId: reference, userId: reference, passwordHash: text, createdAt: time },
      { ...options, sequelize, tableName: 'password_history' },
    );
  }

  /** The newest `count` former hashes, newest first. */
  static async latest(tenantId: string, userId: string, count: number): Promise<PasswordHistory[]> {
    return PasswordHistory.findAll({ where: { tenantId, userId }, order: [['createdAt', 'DESC']], limit: count });
  }
}
