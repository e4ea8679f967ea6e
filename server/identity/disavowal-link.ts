import { insertRow } from '#models/by-hand.js';
import { Link } from '#models/link.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { spanText } from '#server/mail/words.js';
import type { EventName } from '#server/trace/events.js';
import { LINKS } from './link.js';

/** What every mail that tells an owner of a sign-in or a change has among its variables. */
export interface DisavowalVariables {
  /** With the token: for the mail alone. */
  disavowalLink: string;
  /** "7 days", in the language of the user's mails. */
  validFor: string;
}

/**
 * Makes the link by which the owner says "This wasn't me" to the event that a mail tells of. Each mail gets its own,
 * and they stay good when the epoch moves. Only the hash of its token is kept. `email` is where it is mailed to.
 * Inside the transaction of what the mail tells of.
 */
export async function issueDisavowal(
  context: Context,
  user: Pick<User, 'id' | 'tenantId' | 'epoch' | 'email' | 'locale'>,
  about: EventName,
  email = user.email,
): Promise<DisavowalVariables> {
  const { now } = context;
  const { lifetime, path } = LINKS.disavowal;
  const token = randomToken();
  await insertRow(Link, {
    tenantId: user.tenantId,
    userId: user.id,
    kind: 'disavowal',
    tokenHash: hashToken(token),
    epoch: user.epoch,
    email,
    about,
    createdAt: now,
    expiresAt: now + lifetime,
  });
  return { disavowalLink: `${path}${token}`, validFor: spanText(lifetime, user.locale) };
}
