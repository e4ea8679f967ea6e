import type { Role } from '#models/role.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { maskEmail } from '#server/mail/words.js';
import { queueMail } from '#server/mail/outbox.js';
import { record, type Details } from '#server/trace/record.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';

/** What an administrator can change of an account. */
export interface Standing {
  username: string;
  name: string;
  email: string;
  status: User['status'];
  mustSetUpTwoFactor: boolean;
  mustChangePassword: boolean;
  roles: readonly Role[];
}

/**
 * Writes what changed into the security log, one row for each kind, and tells the old address when there is a new one.
 * The log outlives the account, so what would name its owner for ever stands there masked. Inside a transaction.
 */
export async function traceChanges(
  context: TenantContext,
  user: User,
  before: Standing,
  after: Standing,
): Promise<void> {
  const target = { type: 'user' as const, id: user.id };
  const plain = plainChanges(before, after);
  if (Object.keys(plain).length > 0) await record(context, { event: 'user.changed', target, details: plain });

  const roles = { from: names(before.roles), to: names(after.roles) };
  if (roles.from.join() !== roles.to.join())
    await record(context, { event: 'user.roles-changed', target, details: { roles } });

  if (before.status !== after.status) {
    const event = after.status === 'disabled' ? 'user.disabled' : 'user.enabled';
    await record(context, { event, target, details: { status: { from: before.status, to: after.status } } });
  }
  if (before.mustChangePassword !== after.mustChangePassword)
    await record(context, { event: 'password.marked-outdated', target });
  if (before.email !== after.email) {
    const email = { from: maskEmail(before.email), to: maskEmail(after.email) };
    await record(context, { event: 'email.changed', target, details: { email } });
    if (before.status !== 'invited') await tellOldAddress(context, user, before, after);
  }
}

function plainChanges(before: Standing, after: Standing): Details {
  const details: Details = {};
  for (const field of ['username', 'name'] as const) {
    if (before[field] !== after[field]) details[field] = { from: masked(before[field]), to: masked(after[field]) };
  }
  if (before.mustSetUpTwoFactor !== after.mustSetUpTwoFactor) {
    details['mustSetUpTwoFactor'] = { from: before.mustSetUpTwoFactor, to: after.mustSetUpTwoFactor };
  }
  return details;
}

// Who was only invited has no account yet that somebody could have taken over, and may be a stranger to the old address.
async function tellOldAddress(context: TenantContext, user: User, before: Standing, after: Standing): Promise<void> {
  const { id, username, name, locale, timeZone } = user;
  const to = { id, username, name, locale, timeZone, email: before.email };
  const variables = { ...(await issueDisavowal(context, user, 'email.changed', before.email)), newEmail: after.email };
  await queueMail(context, { event: 'email-changed', to, tenant: context.tenant, variables });
}

function names(roles: readonly Role[]): string[] {
  return roles.map(({ name }) => name).sort();
}

function masked(text: string): string {
  return `${Array.from(text)[0] ?? ''}***`;
}
