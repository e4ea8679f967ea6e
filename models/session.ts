import {
  Model,
  Op,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { count, id, optionalTime, options, reference, text, time } from './columns.js';

/** One signed-in browser. The row is the authority: once `endedAt` is set, nothing brings it back. */
export class Session extends Model<InferAttributes<Session>, InferCreationAttributes<Session>> {
  declare id: CreationOptional<string>;
  /** SHA-256 of the id in the cookie; the id itself is kept nowhere. */
  declare sidHash: string;
  declare tenantId: string;
  declare userId: string;
  declare epoch: number;
  declare ip: string;
  /** JSON of `server/lib/client.ts`: browser, engine, operating system, model, architecture. */
  declare client: string;
  declare createdAt: number;
  declare lastSeenAt: number;
  declare authenticatedAt: number;
  declare modifiedAt: number;
  declare endedAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    Session.init(
      {
        id,
        sidHash: text,
        tenantId: reference,
        userId: reference,
        epoch: count,
        ip: text,
        client: text,
        createdAt: time,
        lastSeenAt: time,
        authenticatedAt: time,
        modifiedAt: time,
        endedAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'sessions' },
    );
  }

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
