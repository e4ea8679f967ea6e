import { Model, Op, type InferAttributes, type InferCreationAttributes, type Sequelize } from 'sequelize';
import { optionalTime, options, reference, text, time } from './columns.js';

/** The secret behind a user's codes, sealed, and the last time step that was accepted. */
export class TotpSecret extends Model<InferAttributes<TotpSecret>, InferCreationAttributes<TotpSecret>> {
  declare tenantId: string;
  declare userId: string;
  declare sealedSecret: string;
  declare lastStep: number;
  declare createdAt: number;
  declare confirmedAt: number | null;

  static register(sequelize: Sequelize): void {
    TotpSecret.init(
      {
        tenantId: reference,
        userId: { ...reference, primaryKey: true },
        sealedSecret: text,
        lastStep: time,
        createdAt: time,
        confirmedAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'totp_secrets' },
    );
  }

  /** Takes a time step, once: true for exactly one of any number of callers, and never for an earlier step again. */
  async takeStep(step: number): Promise<boolean> {
    const where = {
      tenantId: this.tenantId,
      userId: this.userId,
      sealedSecret: this.sealedSecret,
      lastStep: { [Op.lt]: step },
    };
    const [taken] = await TotpSecret.update({ lastStep: step }, { where });
    return taken === 1;
  }
}

/** Whose secret it is: sealed in with it, so that a row cannot be given to somebody else. */
export function aboutSecret({ tenantId, userId }: Pick<TotpSecret, 'tenantId' | 'userId'>): string {
  return `totp/${tenantId}/${userId}`;
}
