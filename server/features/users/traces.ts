import type { Role } from '#models/role.js';
import type { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
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
  breakGlass: boolean;
  roles: readonly Role[];
}

/**
 * Writes what changed into the security log, one row for each kind, and tells the old address when there is a new one.
 * The log outlives the account, so what names its owner stands there under a key that goes with it. Inside a transaction.
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

  if (before.username !== after.username) await traceRename(context, user, before, after);

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
    const email = { from: before.email, to: after.email };
    await record(context, { event: 'email.changed', target, details: { email } });
    if (before.status !== 'invited' && user.kind === 'person') await tellOldAddress(context, user, before, after);
  }
}

function plainChanges(before: Standing, after: Standing): Details {
  const details: Details = {};
  if (before.name !== after.name) details['name'] = { from: before.name, to: after.name };
  if (before.mustSetUpTwoFactor !== after.mustSetUpTwoFactor) {
    details['mustSetUpTwoFactor'] = { from: before.mustSetUpTwoFactor, to: after.mustSetUpTwoFactor };
  }
  return details;
}

// By the username servers and applications know somebody: who takes it from them may be after their place there.
async function traceRename(context: TenantContext, user: User, before: Standing, after: Standing): Promise<void> {
  const details = { username: { from: before.username, to: after.username } };
  const target = { type: 'user' as const, id: user.id };
  await record(context, { event: 'user.renamed', target, details });
  if (before.status === 'invited' || user.kind === 'service') return;
  const { id, name, email, locale, timeZone } = user;
  const to = { id, username: after.username, name, email, locale, timeZone };
  const variables = { ...(await issueDisavowal(context, user, 'user.renamed')), formerUsername: before.username };
  await queueMail(context, { event: 'username-changed', to, tenant: context.tenant, variables });
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
