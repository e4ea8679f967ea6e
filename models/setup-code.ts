import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { count, options, optionalTime, text, time } from './columns.js';

/** The one-time code of the first start; there is only ever one row. */
export class SetupCode extends Model<InferAttributes<SetupCode>, InferCreationAttributes<SetupCode>> {
  declare id: CreationOptional<number>;
  declare codeHash: string;
  declare createdAt: number;
  declare usedAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    SetupCode.init(
      { id: { ...count, primaryKey: true, defaultValue: 1 }, codeHash: text, createdAt: time, usedAt: optionalTime },
      { ...options, sequelize, tableName: 'setup_codes' },
    );
  }
}
