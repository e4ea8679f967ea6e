import { Model, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { options, reference, text, time } from './columns.js';

/** A name that somebody has held and no longer does: reserved, as a keyed hash, until it is freed. */
export class FormerName extends Model<InferAttributes<FormerName>, InferCreationAttributes<FormerName>> {
  declare scope: string;
  declare hash: string;
  declare keyId: string;
  declare heldBy: string;
  declare givenUpAt: number;

  static register(sequelize: Sequelize): void {
    FormerName.init(
      {
        scope: { ...reference, primaryKey: true },
        hash: { ...text, primaryKey: true },
        keyId: text,
        heldBy: reference,
        givenUpAt: time,
      },
      { ...options, sequelize, tableName: 'former_names' },
    );
  }
}
