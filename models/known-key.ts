import { Model, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { optionalTime, options, text, time } from './columns.js';

/** A secret key that this database was made with: not the key, but a keyed hash that only it can have made. */
export class KnownKey extends Model<InferAttributes<KnownKey>, InferCreationAttributes<KnownKey>> {
  declare id: string;
  declare mac: string;
  declare currentSince: number;
  declare retiredAt: number | null;

  static register(sequelize: Sequelize): void {
    KnownKey.init(
      { id: { ...text, primaryKey: true }, mac: text, currentSince: time, retiredAt: optionalTime },
      { ...options, sequelize, tableName: 'known_keys' },
    );
  }
}
