import { Op } from 'sequelize';
import { count, id, optionalTime, reference, table, text, time } from './columns.js';

/** What an administrator gives somebody who cannot get in: once, for a while, and only to the page where factors and password are set. */
export class AccessPass extends table('access_passes', {
  id,
  tenantId: reference,
  userId: reference,
  epoch: count,
  passHash: text,
  createdAt: time,
  expiresAt: time,
  usedAt: optionalTime,
}) {
  /** Which rows still open something. */
  static live(now: number) {
    return { usedAt: null, expiresAt: { [Op.gt]: now } };
  }

  /** Takes the pass: true for exactly one of any number of callers. */
  async take(at: number): Promise<boolean> {
    const [taken] = await AccessPass.update({ usedAt: at }, { where: { id: this.id, ...AccessPass.live(at) } });
    return taken === 1;
  }
}
