import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, maskEmail, timeText } from '#server/mail/words.js';
import { EVENTS } from '#server/trace/events.js';
import type { Disavowed } from './actions.js';
import { adminsOf } from '#server/identity/admins.js';

/** What the administrators are told beside what was disavowed. */
interface Findings {
  held: boolean;
  /** What is suspended until its owner puts it back, by name. */
  suspended: string;
  changes: ((locale: string, timeZone: string) => string) | null;
}

/** Mails the owner what was done and how to go on; where the address is in doubt, to every one that is known. */
export async function tellOwner(
  context: TenantContext,
  user: User,
  addresses: readonly string[],
  { held, suspended }: Pick<Findings, 'held' | 'suspended'>,
): Promise<void> {
  const { id, name, username, locale, timeZone } = user;
  for (const email of addresses) {
    const to = { id, name, username, locale, timeZone, email };
    await queueMail(context, {
      event: held ? 'account-held' : 'account-secured',
      to,
      tenant: context.tenant,
      variables: { suspended },
    });
  }
}

/** Mails every administrator of the tenant what was disavowed, what else was changed, and whether it is theirs to act. */
export async function tellAdmins(
  context: TenantContext,
  user: User,
  disavowed: Disavowed,
  { held, changes, suspended }: Findings,
): Promise<void> {
  const { tenant } = context;
  for (const admin of await adminsOf(tenant.id, user.id)) {
    const { locale, timeZone } = admin;
    await queueMail(context, {
      event: held ? 'account-held-report' : 'account-secured-report',
      to: admin,
      tenant,
      variables: {
        account: accountText(user),
        of: user.username,
        address: maskEmail(user.email),
        disavowed: `${EVENTS[disavowed.event].label} (${timeText(disavowed.at, locale, timeZone)})`,
        changes: changes?.(locale, timeZone) ?? 'none',
        suspended,
        accountLink: `/admin/users/${user.id}`,
      },
    });
  }
}
