import { id, optionalTime, reference, table, text, time } from './columns.js';
import type { Question } from './question.js';

/** A single-use code that stands in for one of the app. Used and replaced ones are remembered, so that a second try is known for what it is. */
export class RecoveryCode extends table('recovery_codes', {
  id,
  tenantId: reference,
  userId: reference,
  codeHash: text,
  keyId: text,
  createdAt: time,
  usedAt: optionalTime,
  replacedAt: optionalTime,
}) {
  /** Burns the code: true for exactly one of any number of callers. */
  async burn(at: number): Promise<boolean> {
    const [burned] = await RecoveryCode.update(
      { usedAt: at },
      { where: { id: this.id, usedAt: null, replacedAt: null } },
    );
    return burned === 1;
  }

  /** How many codes the user has left, for pages that ask more. */
  static leftOf(user: { id: string; tenantId: string }): Question<number> {
    return {
      columns: ['codes'],
      sql: 'SELECT COUNT(*) AS codes FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL AND replaced_at IS NULL',
      bind: [user.tenantId, user.id],
      answer: ([row]) => Number(row?.['codes']),
    };
  }

  /** How many codes the user has left. */
  static async left(tenantId: string, userId: string): Promise<number> {
    return RecoveryCode.count({ where: { tenantId, userId, usedAt: null, replacedAt: null } });
  }

  /** Makes what is left worthless. */
  static async replaceAll(tenantId: string, userId: string, at: number): Promise<void> {
    await RecoveryCode.update({ replacedAt: at }, { where: { tenantId, userId, usedAt: null, replacedAt: null } });
  }
}
