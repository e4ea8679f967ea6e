import { QueryTypes, type Sequelize } from 'sequelize';
import { DOORS, USER_JOB_STATES } from '#policies/enumerations.js';
import {
  id,
  of,
  optionalCount,
  optionalReference,
  optionalText,
  optionalTime,
  reference,
  table,
  text,
  time,
} from './columns.js';

// The comment in front keeps Sequelize from taking it for a statement of its own.
const NEXT = `/* next */ UPDATE user_jobs SET worked_at = $1 WHERE state = 'running'
AND id = (SELECT id FROM user_jobs WHERE state = 'running' ORDER BY worked_at, id LIMIT 1) RETURNING id`;

/** Something that is done to many people, one by one: first a preview, then, once that is confirmed, work. */
export class UserJob extends table('user_jobs', {
  id,
  tenantId: reference,
  /** What is done to each of them; see `server/features/user-jobs/deeds.ts`. */
  action: text,
  state: of(USER_JOB_STATES),
  /** Whom it stands for from then on: who began it, by which door and from where. Null is the command line. */
  begunBy: optionalReference,
  epoch: optionalCount,
  /** The session that it was begun in, until whoever it is signs out of it: ended by anybody else, it ends the job. */
  sessionId: optionalReference,
  /** The credential that it was begun with, as JSON; null for a browser. */
  credential: optionalText,
  door: of(DOORS),
  ip: optionalText,
  client: optionalText,
  roleId: optionalReference,
  reason: text,
  /** What was told about the whole of it: how a file was read, or why it was stopped. */
  note: optionalText,
  createdAt: time,
  begunAt: optionalTime,
  endedAt: optionalTime,
  /** Whose turn was longest ago is next: nobody's job waits for the whole of another's. */
  workedAt: time,
}) {
  /** Gives the next running job its turn; null when there is none. */
  static async next(sequelize: Sequelize, now: number): Promise<UserJob | null> {
    const [row] = await sequelize.query<{ id: string }>(NEXT, { bind: [now], type: QueryTypes.SELECT });
    return row ? UserJob.findByPk(row.id) : null;
  }

  /** Who signs out leaves what they have begun running. */
  static async release(sessionId: string): Promise<void> {
    await UserJob.update({ sessionId: null }, { where: { sessionId } });
  }

  /** Forgets from where somebody who is being removed began things. */
  static async forget(tenantId: string, begunBy: string): Promise<void> {
    await UserJob.update({ ip: null, client: null }, { where: { tenantId, begunBy } });
  }
}
