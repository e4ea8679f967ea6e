import { Op } from 'sequelize';
import { flag, key, optionalTime, reference, table, text, time } from './columns.js';

/** The secret behind a user's codes, sealed, and the last time step that was accepted. */
export class TotpSecret extends table('totp_secrets', {
  tenantId: reference,
  userId: key(reference),
  sealedSecret: text,
  lastStep: time,
  createdAt: time,
  confirmedAt: optionalTime,
  /** Stands in the place of one that was active: to give it up is to disable a second factor. */
  replacesActive: flag,
}) {
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
