import { Op } from 'sequelize';
import { Link } from '#models/link.js';
import { SecurityEvent } from '#models/security-event.js';
import type { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import type { Services } from '#server/context.js';
import { maskEmail, timeText } from '#server/mail/words.js';
import { EVENTS, TELLING, type EventName } from '#server/trace/events.js';
import { detailsWithPersons } from '#server/trace/personal.js';

type Owner = Pick<User, 'id' | 'tenantId' | 'email' | 'resetHeld'>;

const SETTLED_AFTER = 7 * DAY;
const MOST_NAMED = 10;

/** From when on changes of an account are looked at, when this is disavowed: from then, and never less than seven days. */
export function lookBackFrom(disavowedAt: number, now: number): number {
  return Math.min(disavowedAt, now - SETTLED_AFTER);
}

/**
 * True when the address of the account may be another's: whoever was signed in changed it since then, and no
 * administrator has put another there later. A link that is mailed to it would then let in the wrong one.
 */
export async function isAddressInDoubt(user: Owner, since: number): Promise<boolean> {
  if (user.resetHeld) return true;
  const change = await newestAddressChange(user, since);
  return change?.actorId === user.id;
}

/** What an administrator should look at: the newest changes of the account since then, in words. Null when there are none. */
export async function tellingChanges(
  services: Services,
  user: Owner,
  since: number,
): Promise<((locale: string, timeZone: string) => string) | null> {
  const address = await newestAddressChange(user, since);
  const others = await SecurityEvent.findAll({
    where: { tenantId: user.tenantId, targetId: user.id, event: [...TELLING], at: { [Op.gte]: since } },
    order: [
      ['at', 'DESC'],
      ['seq', 'DESC'],
    ],
    limit: MOST_NAMED,
  });
  const changes = await Promise.all(
    (address ? [address, ...others] : others).map(async (one) => ({
      at: one.at,
      words: wordsOf(one.event, await detailsWithPersons(services, one)),
    })),
  );
  if (changes.length === 0) return null;
  return (locale, timeZone) =>
    changes.map(({ at, words }) => `${words} (${timeText(at, locale, timeZone)})`).join('; ');
}

/**
 * From when on what has been added to the account is in doubt: since the last time that its password was set by a mailed
 * link, which only who has the mailbox could do; or else for as long as is looked back.
 */
export async function beyondDoubt(user: Owner, lookedBackTo: number): Promise<number> {
  const set = await SecurityEvent.findOne({
    where: {
      tenantId: user.tenantId,
      targetId: user.id,
      event: ['password.reset', 'invitation.accepted'],
      at: { [Op.lt]: lookedBackTo },
    },
    order: [['at', 'DESC']],
  });
  return set?.at ?? lookedBackTo;
}

/** Every address of the account that is known: the present one, and those that security mails went to since then. */
export async function knownAddresses(user: Owner, since: number): Promise<string[]> {
  const { tenantId, id: userId, email } = user;
  const links = await Link.findAll({
    where: { tenantId, userId, kind: 'disavowal', createdAt: { [Op.gte]: since } },
    attributes: ['email'],
    group: ['email'],
  });
  return [...new Set([email, ...links.map((link) => link.email)])];
}

async function newestAddressChange({ tenantId, id }: Owner, since: number): Promise<SecurityEvent | null> {
  return SecurityEvent.findOne({
    where: { tenantId, targetId: id, event: 'email.changed', at: { [Op.gte]: since } },
    order: [
      ['at', 'DESC'],
      ['seq', 'DESC'],
    ],
  });
}

// A mail lies about: the addresses stand in it masked, as they do in every mail.
function wordsOf(event: string, details: string): string {
  const { label } = EVENTS[event as EventName];
  const { email } = JSON.parse(details) as { email?: { from: string; to: string } };
  return email ? `${label} from ${maskEmail(email.from)} to ${maskEmail(email.to)}` : label;
}
