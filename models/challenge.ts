import { literal, Op } from 'sequelize';
import {
  count,
  flag,
  id,
  optionalReference,
  optionalTime,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

const FIVE_MINUTES = 300_000;

/** What stands between the password and the code: somebody who has proven the one and not the other. Not a session. */
export class Challenge extends table('challenges', {
  id,
  tokenHash: text,
  tenantId: reference,
  userId: reference,
  epoch: count,
  /** The counter of wrong passwords that this sign-in stands on. */
  counter: text,
  newBrowser: flag,
  next: text,
  /** The mail that tells the owner if no code comes; null where none does. */
  noticeId: optionalReference,
  tries: withDefault(count, 0),
  createdAt: time,
  endedAt: optionalTime,
}) {
  static readonly LIFE = FIVE_MINUTES;
  static readonly TRIES = 5;

  /** The challenge with the token of this hash; null when it is over: ended, too old, or no try left. */
  static async open(tokenHash: string, now: number): Promise<Challenge | null> {
    return Challenge.findOne({
      where: {
        tokenHash,
        endedAt: null,
        createdAt: { [Op.gt]: now - Challenge.LIFE },
        tries: { [Op.lt]: Challenge.TRIES },
      },
    });
  }

  /** True while the try that was just taken is the last one. */
  onLastTry(): boolean {
    return this.tries >= Challenge.TRIES;
  }

  /** Takes one of the tries, before the code is looked at: false when none is left. */
  async takeTry(): Promise<boolean> {
    const [taken] = await Challenge.update(
      { tries: literal('tries + 1') },
      { where: { id: this.id, endedAt: null, tries: { [Op.lt]: Challenge.TRIES } } },
    );
    this.tries += taken;
    return taken === 1;
  }

  /** Ends the challenge: true for exactly one of any number of callers. */
  async end(at: number): Promise<boolean> {
    const [ended] = await Challenge.update({ endedAt: at }, { where: { id: this.id, endedAt: null } });
    return ended === 1;
  }
}
