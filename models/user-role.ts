import { Model, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { options, reference } from './columns.js';

/** That a user holds a role. The tenant stands in both foreign keys, so a role of another tenant cannot be held. */
export class UserRole extends Model<InferAttributes<UserRole>, InferCreationAttributes<UserRole>> {
  declare tenantId: string;
  declare userId: string;
  declare roleId: string;

  static register(sequelize: Sequelize): void {
    UserRole.init(
      { tenantId: reference, userId: { ...reference, primaryKey: true }, roleId: { ...reference, primaryKey: true } },
      { ...options, sequelize, tableName: 'user_roles' },
    );
  }

  /** Makes these the user's roles, and no others. */
  static async replace(tenantId: string, userId: string, roleIds: readonly string[]): Promise<void> {
    await UserRole.destroy({ where: { tenantId, userId } });
    await UserRole.bulkCreate(roleIds.map((roleId) => ({ tenantId, userId, roleId })));
  }
}
