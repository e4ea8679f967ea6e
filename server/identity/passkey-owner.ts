import { KnownBrowser } from '#models/known-browser.js';
import { Passkey } from '#models/passkey.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { lookAtThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import { signsInAlone } from '#policies/authentication.js';
import type { Context } from '#server/context.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { accountKey, codeKey } from './counters.js';
import { relyingPartyOf } from './relying-party.js';

/** A passkey that is known here, and whose it is. */
export interface OwnedPasskey {
  passkey: Passkey;
  user: User;
  tenant: Tenant;
  policy: SecurityPolicy;
  /** The browser it comes from, where its owner has signed in with that before. */
  known: KnownBrowser | null;
}

/** Whose passkey this is, by its id alone; null where nobody's at this host. `slug` is of the organisation whose own host it is. */
export async function ownerOfPasskey(
  { services: { config } }: Pick<Context, 'services'>,
  credentialId: string,
  { slug, browser }: { slug: string | null; browser: string | null },
): Promise<OwnedPasskey | null> {
  const party = relyingPartyOf(config, { slug: slug ?? '', name: '' });
  if (!party || (config.baseDomain !== null && slug === null)) return null;
  const passkey = await Passkey.findOne({ where: { rpId: party.id, credentialId } });
  if (!passkey) return null;
  const { tenantId, userId: id } = passkey;
  const tenant = await Tenant.findByPk(tenantId, { rejectOnEmpty: true });
  // An organisation that was at this host before has left its keys behind.
  if (slug !== null && tenant.slug !== slug) return null;
  const user = await User.findOne({ where: { tenantId, id }, rejectOnEmpty: true });
  const known = await KnownBrowser.of(user, browser);
  return { passkey, user, tenant, policy: await SecurityPolicy.of(tenantId), known };
}

/** The counter of wrong ones: that of the browser, where it has passed this very factor before, as for a code. */
export function passkeyCounter({ passkey, user, known }: OwnedPasskey): string {
  return codeKey(user.id, known && known.lastUsedAt >= passkey.createdAt ? known.browserHash : undefined);
}

/** Whether it would open its owner's account by itself, were it used rightly. */
export async function opensAlone(context: Context, owned: OwnedPasskey): Promise<boolean> {
  const { passkey, user, tenant, policy, known } = owned;
  if (user.status !== 'active' || tenant.status !== 'active') return false;
  // An account that an administrator has to give back is given back by nothing else.
  if (user.resetHeld) return false;
  if (passkey.suspendedAt !== null || !signsInAlone(policy, passkey)) return false;
  const { database, clock } = context.services;
  const lock = await lookAtThrottle(database, accountKey(user.id, known?.browserHash), clock.now());
  return lock.blockedUntil === 0;
}

/** Looks once more, inside the transaction that lets its owner in. */
export async function stillOpensAlone({ tenantId, id }: Passkey): Promise<void> {
  const passkey = await Passkey.findOne({ where: { tenantId, id, suspendedAt: null } });
  if (!passkey || !signsInAlone(await SecurityPolicy.of(tenantId), passkey))
    throw new ChangedMeanwhile('Sign in again.');
}
