import { Model, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { options, reference, text, time } from './columns.js';

/** That a user has signed in with this browser before: it gets a counter of failures of its own, and no "new browser" mail. */
export class KnownBrowser extends Model<InferAttributes<KnownBrowser>, InferCreationAttributes<KnownBrowser>> {
  declare tenantId: string;
  declare userId: string;
  declare browserHash: string;
  declare createdAt: number;
  declare lastUsedAt: number;

  static register(sequelize: Sequelize): void {
    KnownBrowser.init(
      {
        tenantId: reference,
        userId: { ...reference, primaryKey: true },
        browserHash: { ...text, primaryKey: true },
        createdAt: time,
        lastUsedAt: time,
      },
      { ...options, sequelize, tableName: 'known_browsers' },
    );
  }
}
