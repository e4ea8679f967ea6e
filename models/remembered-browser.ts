import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { count, id, optionalTime, options, reference, text, time } from './columns.js';

/** A browser that is not asked for a code again for some days, where the policy allows that. */
export class RememberedBrowser extends Model<
  InferAttributes<RememberedBrowser>,
  InferCreationAttributes<RememberedBrowser>
> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare userId: string;
  declare tokenHash: string;
  /** The user's epoch then: any change of factor or password moves it on, and this is void. */
  declare epoch: number;
  declare client: string;
  declare ip: string;
  declare createdAt: number;
  declare expiresAt: number;
  declare lastUsedAt: number;
  declare endedAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    RememberedBrowser.init(
      {
        id,
        tenantId: reference,
        userId: reference,
        tokenHash: text,
        epoch: count,
        client: text,
        ip: text,
        createdAt: time,
        expiresAt: time,
        lastUsedAt: time,
        endedAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'remembered_browsers' },
    );
  }
}
