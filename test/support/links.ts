import { inTransaction } from '#models/transaction.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest, type TenantContext } from '#server/context.js';
import { printSetupLink } from '#server/features/setup/actions.js';
import { resetTwoFactorOf } from '#server/features/users/take.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { inContext } from '#server/identity/tenant.js';
import { addUser } from '#server/identity/add-user.js';
import type { Portal } from './portal.js';
import { enrol } from './second-factor.js';

/** The context of the command line in this organisation, at this moment. */
export async function contextIn(portal: Portal, slug: string): Promise<TenantContext> {
  const tenant = await Tenant.findOne({ where: { slug }, rejectOnEmpty: true });
  return contextWithoutRequest(portal.services, COMMAND_LINE, 'cli', inContext(tenant)) as TenantContext;
}

/** Mails `acme/uma` a link for a new password, as an admin would; gives its path. */
export async function mailResetLink(portal: Portal, who: string): Promise<string> {
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const user = await User.findOne({ where: { tenantId: context.tenant.id, username }, rejectOnEmpty: true });
  await inTransaction(() => sendResetLink(context, user));
  return portal.inbox.linkTo(user.email, '/password/reset/');
}

/** Has an administrator reset the second factor that `acme/uma` sets up for it; gives the path of the link that goes with it. */
export async function mailSetupLink(portal: Portal, who: string): Promise<string> {
  await enrol(portal, who);
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const user = await User.findOne({ where: { tenantId: context.tenant.id, username }, rejectOnEmpty: true });
  await resetTwoFactorOf(context, user.id, { reason: 'Lost the phone', minutes: null });
  return portal.inbox.linkTo(user.email, '/recovery/setup/');
}

/** Adds `acme/iris`, a user, by invitation; gives the path of the mailed link. */
export async function invite(portal: Portal, who: string): Promise<string> {
  const [slug = '', username = ''] = who.split('/');
  const context = await contextIn(portal, slug);
  const role = await Role.factory(context.tenant.id, 'user');
  const email = `${username}@${slug}.example`;
  await inTransaction(async () => {
    const user = await addUser(context, {
      tenantId: context.tenant.id,
      username,
      name: 'Iris Ivanova',
      email,
      passwordHash: null,
      roleIds: [role.id],
    });
    await sendInvitation(context, user);
  });
  return portal.inbox.linkTo(email, '/invitations/');
}

/** Starts an empty portal; gives the path of the link that its keeper then reads on the console; null when there is none. */
export async function printedSetupLink({ services, config }: Portal): Promise<string | null> {
  const { write } = process.stdout;
  let printed = '';
  process.stdout.write = (text: string | Uint8Array) => ((printed += String(text)), true);
  try {
    await printSetupLink(services);
  } finally {
    process.stdout.write = write;
  }
  const [, url = '', path = null] = /(http\S+?)(\/setup\/[\w-]{43})\n/.exec(printed) ?? [];
  return url === config.baseUrl ? path : null;
}

/** What the security log of this organisation has of this event, oldest first. */
export async function logged(portal: Portal, slug: string, event: string) {
  const { tenant } = await contextIn(portal, slug);
  return portal.database.read('SELECT * FROM security_events WHERE tenant_id = $1 AND event = $2 ORDER BY seq', [
    tenant.id,
    event,
  ]);
}
