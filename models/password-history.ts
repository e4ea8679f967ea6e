import { id, reference, table, text, time } from './columns.js';

/** A password that was the user's before; kept as its hash, as long as the policy's history asks. */
export class PasswordHistory extends table('password_history', {
  id,
  tenantId: reference,
  userId: reference,
  passwordHash: text,
  createdAt: time,
}) {
  /** The newest `count` former hashes, newest first. */
  static async latest(tenantId: string, userId: string, count: number): Promise<PasswordHistory[]> {
    return PasswordHistory.findAll({ where: { tenantId, userId }, order: [['createdAt', 'DESC']], limit: count });
  }
}
