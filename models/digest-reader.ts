import { Op } from 'sequelize';
import { key, reference, table, text, time } from './columns.js';

/** Somebody who wants the digest of the log each morning. */
export class DigestReader extends table('digest_readers', {
  tenantId: key(reference),
  userId: key(reference),
  /** The last day that they were told of, in their own time zone: `2026-11-28`. */
  toldDay: text,
  toldAt: time,
}) {
  /** Takes a day, once: true for exactly one of any number of workers. */
  async takeDay(day: string, now: number): Promise<boolean> {
    const where = { tenantId: this.tenantId, userId: this.userId, toldDay: { [Op.lt]: day } };
    const [taken] = await DigestReader.update({ toldDay: day, toldAt: now }, { where });
    return taken === 1;
  }
}
