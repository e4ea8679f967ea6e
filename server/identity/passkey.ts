import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import type { User } from '#models/user.js';
import type { Context, SecondFactorInContext, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { authenticatorName } from '#server/lib/authenticators.js';
import { clientLine, type ClientDescription } from '#server/lib/client.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from './disavowal-link.js';
import { moveEpoch } from './epoch.js';
import { dropStandIns, hasFactorBeside } from './factors.js';
import { whatOpens } from './readmission.js';
import { relyingPartyOf } from './relying-party.js';
import { endAccess, ownerOf } from './walk-access.js';

type Owner = Pick<User, 'id' | 'tenantId'>;

/** The user's passkeys, oldest first. */
export async function listPasskeys({ tenantId, id: userId }: Owner): Promise<Passkey[]> {
  const order: [string, string][] = [
    ['createdAt', 'ASC'],
    ['id', 'ASC'],
  ];
  return Passkey.findAll({ where: { tenantId, userId }, order });
}

/** Those that can be asked for now: made for this address, and not in doubt. */
export async function awakePasskeys(
  { services }: Context,
  tenant: { slug: string; name: string },
  { tenantId, id: userId }: Owner,
): Promise<Passkey[]> {
  const party = relyingPartyOf(services.config, tenant);
  return party ? Passkey.findAll({ where: { tenantId, userId, rpId: party.id, suspendedAt: null } }) : [];
}

/** Whether this passkey answers to another address than the portal's. */
function isAsleep({ services }: Context, tenant: { slug: string; name: string }, passkey: Passkey): boolean {
  return relyingPartyOf(services.config, tenant)?.id !== passkey.rpId;
}

const isAlone = ({ verified, signInAlone }: Passkey): boolean => verified && signInAlone;

/** Why the owner cannot let these go, and what to do first; null where they can. */
export async function whyKept(
  user: User,
  { demanded, phishingResistant, password }: Omit<SecondFactorInContext, 'dueAt'>,
  going: readonly Passkey[],
): Promise<string | null> {
  const others = (await listPasskeys(user)).filter(({ id }) => !going.some((one) => one.id === id));
  if (password !== 'all' && going.some(isAlone)) {
    const alone = others.filter(isAlone).length;
    const codes = await RecoveryCode.left(user.tenantId, user.id);
    if (alone === 0 || alone + Math.min(codes, 1) < 2)
      return 'Your organisation lets passwords open nothing: you need two passkeys that sign you in alone, or one and recovery codes. Add another first; then remove this.';
  }
  if (others.length > 0) return null;
  if (user.breakGlass)
    return 'This is a break-glass account, and this is its only passkey. Add another first; then remove this.';
  if (user.passwordHash === null)
    return 'It is the only way into your account. Add another passkey first, or set a password with the link for a forgotten one; then remove this.';
  if (phishingResistant)
    return 'One of your roles demands a passkey, and this is your only one. Add another first; then remove this.';
  if (!demanded || (await hasFactorBeside(user, 'passkey'))) return null;
  return 'Your organisation demands a second factor, and this is your only one. Add another passkey or connect an authenticator app first; then remove this.';
}

/**
 * Takes passkeys of a user away, with what was let in by them: sessions, links and remembered browsers of before are over, and with the last factor go
 * the recovery codes. Its owner is told by whom. Inside a transaction, with the user locked.
 */
export async function forgetPasskeys(
  acting: TenantContext,
  user: User,
  going: readonly Passkey[],
  { by, reason, except }: { by: string; reason?: string; except?: string },
): Promise<void> {
  const { tenantId, id: userId } = user;
  const ids = going.map(({ id }) => id);
  if (ids.length === 0 || (await Passkey.destroy({ where: { tenantId, userId, id: ids } })) !== ids.length)
    throw new Conflict('There is no such passkey any more. Open the page again.');
  await dropStandIns(acting, user);
  await moveEpoch(user);
  await endAccess(acting, ownerOf(user), 'factor change', except === undefined ? {} : { except });
  const left = await whatOpens(acting, user);
  for (const { name } of going) {
    const variables = { ...(await issueDisavowal(acting, user, 'passkey.removed')), passkey: name, by, left };
    await queueMail(acting, { event: 'passkey-removed', to: user, tenant: acting.tenant, variables });
  }
  for (const { name } of going) {
    const details = { name, ...(reason === undefined ? {} : { reason }) };
    await record(acting, {
      event: 'passkey.removed',
      target: { type: 'user', id: userId },
      details,
      personal: ['reason'],
    });
  }
}

/** A passkey as its owner and administrators see it. */
export interface ShownPasskey {
  id: string;
  name: string;
  /** Where it is kept, by its own word; null where nobody knows it. */
  keptIn: string | null;
  synced: boolean;
  /** Made with PIN, finger or face. */
  verified: boolean;
  /** Its owner lets it stand for the password too. */
  signInAlone: boolean;
  createdAt: number;
  lastUsed: { at: number; ip: string; browser: string } | null;
  /** Made for an address at which the portal no longer is. */
  asleep: boolean;
  suspended: boolean;
}

/** What is shown of a passkey. */
export function shownPasskey(context: Context, tenant: { slug: string; name: string }, passkey: Passkey): ShownPasskey {
  const { id, name, aaguid, synced, verified, signInAlone, createdAt } = passkey;
  const { lastUsedAt, lastUsedIp, lastUsedClient, suspendedAt } = passkey;
  const client = JSON.parse(lastUsedClient ?? 'null') as ClientDescription | null;
  return {
    ...{ id, name, synced, verified, signInAlone, createdAt },
    keptIn: authenticatorName(aaguid),
    lastUsed: lastUsedAt === null ? null : { at: lastUsedAt, ip: lastUsedIp ?? '', browser: clientLine(client) },
    asleep: isAsleep(context, tenant, passkey),
    suspended: suspendedAt !== null,
  };
}
