import { Op } from 'sequelize';
import { key, optionalReference, optionalTime, reference, table } from './columns.js';

/** When roles are given, and by whom: null where that was the command line, or a job. */
export interface Granting {
  at: number;
  by: string | null;
}

/** That a user holds a role. The tenant stands in both foreign keys, so a role of another tenant cannot be held. */
export class UserRole extends table('user_roles', {
  tenantId: reference,
  userId: key(reference),
  roleId: key(reference),
  /** Null where it was given before this was kept: the security log knows. */
  grantedAt: optionalTime,
  grantedBy: optionalReference,
}) {
  /** Makes these the user's roles, and no others. Those that stay keep when they were given, and by whom. */
  static async replace(
    tenantId: string,
    userId: string,
    roleIds: readonly string[],
    { at, by }: Granting,
  ): Promise<void> {
    await UserRole.destroy({ where: { tenantId, userId, roleId: { [Op.notIn]: [...roleIds] } } });
    const kept = new Set((await UserRole.findAll({ where: { tenantId, userId } })).map(({ roleId }) => roleId));
    const given = roleIds.filter((roleId) => !kept.has(roleId));
    await UserRole.bulkCreate(given.map((roleId) => ({ tenantId, userId, roleId, grantedAt: at, grantedBy: by })));
  }
}
