import { actingNow } from '#server/identity/acting.js';
import { DigestReader } from '#models/digest-reader.js';
import type { User } from '#models/user.js';
import { can } from '#policies/can.js';
import { HOUR } from '#server/lib/clock.js';
import { localTimeOf } from '#server/lib/days.js';
import { canonicalEmail } from '#policies/names.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { record, type Details } from '#server/trace/record.js';
import { countEmailChange, requestEmailChange } from '../email/actions.js';
import { refuseLoss, type Seen } from '#server/identity/changed-since.js';
import { lockUser } from '#server/identity/lock-user.js';

/** What people may change of themselves at any time. */
export type Profile = Pick<User, 'name' | 'locale' | 'timeZone' | 'theme'>;

/** Puts these values, which a form has checked, into the caller's own profile; what is not given stays as it is. */
export async function changeProfile(
  context: UserContext,
  { dailyDigest, ...changes }: Partial<Profile> & { dailyDigest?: boolean },
): Promise<void> {
  await actingNow(context, 'whole', async (acting) => {
    if (dailyDigest !== undefined && !can(acting.actor, 'log:read'))
      throw new Forbidden('The digest is of the security log, which needs the permission log:read.');
    await apply(acting, changes, dailyDigest === undefined ? {} : await changeDigest(acting, dailyDigest));
  });
}

interface Own {
  email: string;
  dailyDigest: boolean;
  seen: Seen | undefined;
}

/**
 * Saves what was changed on the profile page: the profile at once, and a changed e-mail address as one that waits until the link
 * mailed to it is opened. Gives that address, or null. All or nothing: with an address that is taken, nothing is saved.
 */
export async function saveProfile(
  context: SignedInContext,
  { email = context.user.email, dailyDigest, seen, ...profile }: Partial<Profile & Own>,
): Promise<string | null> {
  // In another case, or with its domain spelt otherwise, it is the same address.
  const moves = canonicalEmail(email) !== canonicalEmail(context.user.email);
  if (moves) await countEmailChange(context);
  await actingNow(context, 'own', async (acting) => {
    refuseLoss(seen, await lockUser(acting.tenant.id, acting.user.id), profile);
    await apply(acting, profile, dailyDigest === undefined ? {} : await changeDigest(acting, dailyDigest));
    if (moves) await requestEmailChange(acting, email);
  });
  return moves ? email : null;
}

async function apply(acting: UserContext, changes: Partial<Profile>, more: Details = {}): Promise<void> {
  const user = await lockUser(acting.tenant.id, acting.user.id);
  user.set(changes);
  const details = { ...detailsOf(user), ...more };
  if (Object.keys(details).length === 0) return;
  user.setKeys();
  await user.save();
  await record(acting, {
    event: 'profile.changed',
    target: { type: 'user', id: user.id },
    details,
  });
}

/** Whether the caller gets the digest of the log each morning; null for who may not read the log. */
export async function getsDigest({ actor, tenant, user }: UserContext): Promise<boolean | null> {
  if (!can(actor, 'log:read')) return null;
  return (await DigestReader.count({ where: { tenantId: tenant.id, userId: user.id } })) > 0;
}

// Gives what changed. The first one comes at the next seven o'clock.
async function changeDigest(acting: UserContext, wanted: boolean): Promise<Details> {
  const { tenant, user, now } = acting;
  const already = await getsDigest(acting);
  if (already === null || already === wanted) return {};
  const one = { tenantId: tenant.id, userId: user.id };
  if (wanted)
    await DigestReader.create({ ...one, toldDay: localTimeOf(now - 7 * HOUR, user.timeZone).day, toldAt: now });
  else await DigestReader.destroy({ where: one });
  return { dailyDigest: { from: already, to: wanted } };
}

// What somebody is called is sealed there: the log outlives the account.
function detailsOf(user: User): Details {
  const details: Details = {};
  for (const field of ['name', 'locale', 'timeZone', 'theme'] as const) {
    if (user.changed(field)) details[field] = { from: user.previous(field), to: user[field] };
  }
  return details;
}
