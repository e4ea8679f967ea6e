import { Transaction } from 'sequelize';
import { Link, type LinkKind } from '#models/link.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { spanText } from '#server/mail/words.js';

/** How long each kind of mailed link works, and where it leads. */
export const LINKS: Readonly<Record<LinkKind, { lifetime: number; path: string }>> = {
  invitation: { lifetime: 7 * DAY, path: '/invitations/' },
  'password-reset': { lifetime: 30 * MINUTE, path: '/password/reset/' },
  'email-change': { lifetime: DAY, path: '/email/confirm/' },
  disavowal: { lifetime: 7 * DAY, path: '/disavowal/' },
};

export interface IssuedLink {
  /** Absolute, with the token: for the mail alone. */
  url: string;
  /** "30 minutes", in the language of the user's mails. */
  validFor: string;
}

/**
 * Makes the one live link of this kind for a user whom `lockUser` has given; older ones are void from now on. Only the
 * hash of its token is kept. `email` is where it is mailed to.
 */
export async function issueLink(
  context: TenantContext,
  user: User,
  kind: LinkKind,
  email = user.email,
): Promise<IssuedLink> {
  const { now, services } = context;
  const { tenantId, id: userId, epoch } = user;
  const { lifetime, path } = LINKS[kind];
  const token = randomToken();
  await Link.voidAll(tenantId, userId, now, kind);
  await Link.create({
    tenantId,
    userId,
    kind,
    tokenHash: hashToken(token),
    epoch,
    email,
    createdAt: now,
    expiresAt: now + lifetime,
  });
  return { url: `${services.config.baseUrl}${path}${token}`, validFor: spanText(lifetime, user.locale) };
}

/**
 * The user as the row is now, and stays until the running transaction ends. Whatever issues or takes a link does this
 * first, so that two at once wait for each other, in one order, in place of meeting in the index or in a deadlock.
 */
export async function lockUser(tenantId: string, userId: string): Promise<User> {
  const user = await User.findOne({ where: { tenantId, id: userId }, lock: Transaction.LOCK.NO_KEY_UPDATE });
  if (!user) throw new NotFound();
  return user;
}
