import type { Passkey } from '#models/passkey.js';
import type { SecurityPolicy } from '#models/security-policy.js';
import { readPasskey, type PasskeyRead } from '#models/sign-in-reads.js';
import { lookBeforeProof, type BeforeProof, type Counter } from '#models/throttle.js';
import { signsInAlone } from '#policies/authentication.js';
import type { Context } from '#server/context.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { hashToken } from '#server/lib/random-token.js';
import { accountKey, codeKey } from './counters.js';
import { isOpen } from './gone.js';
import { relyingPartyOf } from './relying-party.js';

/** A passkey that is known here, whose it is, and the browser it comes from, where its owner has signed in with that before. */
export type OwnedPasskey = PasskeyRead;

/** Whose passkey this is, by its id alone; null where nobody's at this host. `slug` is of the organisation whose own host it is. */
export async function ownerOfPasskey(
  { services: { config, database } }: Pick<Context, 'services'>,
  credentialId: string,
  { slug, browser }: { slug: string | null; browser: string | null },
): Promise<OwnedPasskey | null> {
  const party = relyingPartyOf(config, { slug: slug ?? '', name: '' });
  if (!party || (config.baseDomain !== null && slug === null)) return null;
  const browserHash = browser === null ? '' : hashToken(browser);
  const owned = await readPasskey(database, { rpId: party.id, credentialId, browserHash });
  // An organisation that was at this host before has left its keys behind.
  return owned && (slug === null || owned.tenant.slug === slug) ? owned : null;
}

/** The counter of wrong ones: that of the browser, where it has passed this very factor before, as for a code. */
export function passkeyCounter({ passkey, user, known }: OwnedPasskey): string {
  return codeKey(user.id, known && known.lastUsedAt >= passkey.createdAt ? known.browserHash : undefined);
}

/** What stands against it: its own counter, and the lock of wrong passwords where its owner comes from this browser. */
export async function lookBefore(context: Context, counter: string, owned: OwnedPasskey | null): Promise<BeforeProof> {
  const { database, clock } = context.services;
  const other = owned ? accountKey(owned.user.id, owned.known?.browserHash) : counter;
  return lookBeforeProof(database, { own: counter, other }, clock.now());
}

/** Whether it would open its owner's account by itself, were it used rightly; `lock` is that of wrong passwords. */
export async function opensAlone(context: Context, owned: OwnedPasskey, lock: Counter): Promise<boolean> {
  const { passkey, user, tenant, policy } = owned;
  const { database, clock } = context.services;
  if (tenant.status !== 'active' || !(await isOpen(database.read, user, clock.now()))) return false;
  // An account that an administrator has to give back is given back by nothing else.
  if (user.resetHeld) return false;
  if (passkey.suspendedAt !== null || !signsInAlone(policy, passkey)) return false;
  return lock.blockedUntil === 0;
}

/** Looks once more, inside the transaction that lets its owner in, by what the passkey and the policy say then. */
export function demandAlone(now: Pick<Passkey, 'verified' | 'signInAlone'> | null, policy: SecurityPolicy): void {
  if (!now || !signsInAlone(policy, now)) throw new ChangedMeanwhile('Sign in again.');
}
