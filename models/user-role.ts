import { key, reference, table } from './columns.js';

/** That a user holds a role. The tenant stands in both foreign keys, so a role of another tenant cannot be held. */
export class UserRole extends table('user_roles', {
  tenantId: reference,
  userId: key(reference),
  roleId: key(reference),
}) {
  /** Makes these the user's roles, and no others. */
  static async replace(tenantId: string, userId: string, roleIds: readonly string[]): Promise<void> {
    await UserRole.destroy({ where: { tenantId, userId } });
    await UserRole.bulkCreate(roleIds.map((roleId) => ({ tenantId, userId, roleId })));
  }
}
