import { Link } from '#models/link.js';
import type { LinkKind } from '#policies/enumerations.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { spanText } from '#server/mail/words.js';

/** How long each kind of mailed link works, and where it leads. */
export const LINKS: Readonly<Record<LinkKind, { lifetime: number; path: string }>> = {
  invitation: { lifetime: 7 * DAY, path: '/invitations/' },
  'password-reset': { lifetime: 30 * MINUTE, path: '/password/reset/' },
  'email-change': { lifetime: DAY, path: '/email/confirm/' },
  enrolment: { lifetime: DAY, path: '/recovery/setup/' },
  undo: { lifetime: 72 * HOUR, path: '/recovery/undo/' },
  disavowal: { lifetime: 7 * DAY, path: '/disavowal/' },
};

export interface IssuedLink {
  /** With the token: for the mail alone. */
  path: string;
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
  const { now } = context;
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
  return { path: `${path}${token}`, validFor: spanText(lifetime, user.locale) };
}
