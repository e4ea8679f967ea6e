import { actingNow } from '#server/identity/acting.js';
import type { User } from '#models/user.js';
import { canonicalEmail } from '#policies/names.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { record, type Details } from '#server/trace/record.js';
import { countEmailChange, requestEmailChange } from '../email/actions.js';
import { lockUser } from '#server/identity/lock-user.js';

/** What people may change of themselves at any time. */
export type Profile = Pick<User, 'name' | 'locale' | 'timeZone' | 'theme'>;

/** Puts these values, which a form has checked, into the caller's own profile; what is not given stays as it is. */
export async function changeProfile(context: UserContext, changes: Partial<Profile>): Promise<void> {
  await actingNow(context, 'whole', (acting) => apply(acting, changes));
}

/**
 * Saves the whole profile page: the profile at once, and a changed e-mail address as one that waits until the link
 * mailed to it is opened. Gives that address, or null. All or nothing: with an address that is taken, nothing is saved.
 */
export async function saveProfile(
  context: SignedInContext,
  { email, ...profile }: Profile & { email: string },
): Promise<string | null> {
  // In another case, or with its domain spelt otherwise, it is the same address.
  const moves = canonicalEmail(email) !== canonicalEmail(context.user.email);
  if (moves) await countEmailChange(context);
  await actingNow(context, 'own', async (acting) => {
    await apply(acting, profile);
    if (moves) await requestEmailChange(acting, email);
  });
  return moves ? email : null;
}

async function apply(acting: UserContext, changes: Partial<Profile>): Promise<void> {
  const user = await lockUser(acting.tenant.id, acting.user.id);
  user.set(changes);
  const details = detailsOf(user);
  if (Object.keys(details).length === 0) return;
  user.setKeys();
  await user.save();
  await record(acting, {
    event: 'profile.changed',
    target: { type: 'user', id: user.id },
    details,
    personal: ['name'],
  });
}

// What somebody is called is sealed there: the log outlives the account.
function detailsOf(user: User): Details {
  const details: Details = {};
  for (const field of ['name', 'locale', 'timeZone', 'theme'] as const) {
    if (user.changed(field)) details[field] = { from: user.previous(field), to: user[field] };
  }
  return details;
}
