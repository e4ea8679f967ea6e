import { Op } from 'sequelize';
import { LINK_KINDS, type LinkKind } from '#policies/enumerations.js';
import { count, id, of, optionalText, optionalTime, reference, table, text, time } from './columns.js';

/**
 * A mailed, single-use link. One live per user and kind; worthless once the user's epoch has moved on. Not so those by
 * which an owner disavows what happened, or puts back a factor that was taken: each mail of that holds one, and whoever has
 * taken the account over must not be able to void them.
 */
export class Link extends table('links', {
  id,
  tenantId: reference,
  userId: reference,
  kind: of(LINK_KINDS),
  tokenHash: text,
  epoch: count,
  /** Where it was sent; for an e-mail change, the address that opening it confirms. */
  email: text,
  /** The event of the security log that the mail told of; for an undoing, what is kept. */
  about: optionalText,
  createdAt: time,
  expiresAt: time,
  usedAt: optionalTime,
}) {
  /** Takes the link, once: true for exactly one of any number of callers. */
  async take(at: number): Promise<boolean> {
    const [taken] = await Link.update({ usedAt: at }, { where: { id: this.id, usedAt: null } });
    return taken === 1;
  }

  /** Voids the live links of a user, of one kind or of all; those of disavowal and undoing only when asked to by name. */
  static async voidAll(tenantId: string, userId: string, at: number, kind?: LinkKind): Promise<void> {
    await Link.update(
      { usedAt: at },
      { where: { tenantId, userId, usedAt: null, kind: kind ?? { [Op.notIn]: ['disavowal', 'undo'] } } },
    );
  }
}
