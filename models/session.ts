import { Op } from 'sequelize';
import { count, id, optionalTime, reference, table, text, time, withDefault } from './columns.js';

/** One signed-in browser. The row is the authority: once `endedAt` is set, nothing brings it back. */
export class Session extends table('sessions', {
  id,
  /** SHA-256 of the id in the cookie; the id itself is kept nowhere. */
  sidHash: text,
  tenantId: reference,
  userId: reference,
  epoch: count,
  ip: text,
  /** JSON of `server/lib/client.ts`: browser, engine, operating system, model, architecture. */
  client: text,
  /** How its owner has shown who they are; see `policies/authentication.ts`. */
  amr: withDefault(text, ''),
  createdAt: time,
  lastSeenAt: time,
  authenticatedAt: time,
  modifiedAt: time,
  endedAt: optionalTime,
}) {
  /** Ends the sessions that match and are still open; gives how many. */
  static async end(
    where: { tenantId: string; userId?: string; id?: string },
    at: number,
    except?: string,
  ): Promise<number> {
    const others = except === undefined ? {} : { id: { [Op.ne]: except } };
    const [ended] = await Session.update({ endedAt: at }, { where: { ...others, ...where, endedAt: null } });
    return ended;
  }
}
