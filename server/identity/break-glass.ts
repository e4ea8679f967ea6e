import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { MOST_BREAK_GLASS } from '#policies/break-glass.js';
import type { Context, TenantContext, TenantInContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { ownersOf } from './admins.js';
import { nameOf } from './name-of.js';

/** Throws `Invalid` where this account cannot be marked, whoever wants it. Inside a write that holds the organisation. */
export async function refuseUnfit({ id, tenantId, kind }: User): Promise<void> {
  const refuse = (message: string) => Invalid.field('breakGlass', message);
  if (kind !== 'person') throw refuse('A service account signs in nowhere. Mark the account of a person.');
  if ((await Passkey.count({ where: { tenantId, userId: id, suspendedAt: null } })) === 0)
    throw refuse('The account has no passkey yet. Sign in with it, add a passkey, and mark it then.');
  if ((await User.count({ where: { tenantId, breakGlass: true } })) >= MOST_BREAK_GLASS)
    throw refuse('Two accounts are marked break-glass already. Take the mark from one of them first.');
}

/** Tells log, all owners and the account itself that it was marked, or is not any more. Inside that write. */
export async function tellOfMark(acting: TenantContext, user: User, marked: boolean): Promise<void> {
  const { tenant } = acting;
  await record(acting, {
    event: marked ? 'break-glass.marked' : 'break-glass.unmarked',
    target: { type: 'user', id: user.id },
  });
  const mark = marked
    ? 'is a break-glass account now: no address rule and no ban of passwords keeps it out'
    : 'is no break-glass account any more: the rules of the organisation bind it like any other';
  const accountLink = `/admin/users/${user.id}`;
  const variables = { account: accountText(user), accountLink, mark, by: nameOf(acting) };
  // The account itself is told, whoever it is by now.
  for (const to of await withOwners(user))
    await queueMail(acting, {
      event: 'break-glass-changed',
      to,
      tenant,
      variables,
      ...(to.id === user.id ? { onlyFor: null } : {}),
    });
}

/** Takes the mark from who has no passkey left: it is worth nothing without one. Inside the write that took the last. */
export async function dropMark(acting: TenantContext, { tenantId, id }: Pick<User, 'tenantId' | 'id'>): Promise<void> {
  const user = await User.findOne({ where: { tenantId, id, breakGlass: true } });
  if (!user || (await Passkey.count({ where: { tenantId, userId: id } })) > 0) return;
  await User.update({ breakGlass: false }, { where: { tenantId, id } });
  await tellOfMark(acting, user, false);
}

/** Tells log and all owners at once that somebody has signed in with such an account. Inside that write. */
export async function tellOfUse(context: Context, user: User, tenant: TenantInContext): Promise<void> {
  await record(context, {
    event: 'break-glass.used',
    tenantId: tenant.id,
    actorId: user.id,
    target: { type: 'user', id: user.id },
  });
  const accountLink = `/admin/users/${user.id}`;
  const variables = { account: accountText(user), accountLink };
  for (const to of await ownersOf(tenant.id))
    await queueMail(context, { event: 'break-glass-used', to, tenant, variables });
}

async function withOwners(user: User): Promise<User[]> {
  const owners = await ownersOf(user.tenantId);
  return owners.some(({ id }) => id === user.id) ? owners : [...owners, user];
}
