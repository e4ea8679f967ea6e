import { inTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import type { SignedInContext, TenantContext, UserInContext } from '#server/context.js';
import { record, type Details } from '#server/trace/record.js';
import { countEmailChange, requestEmailChange } from '../email/actions.js';
import { lockUser } from '#server/identity/user.js';

/** What people may change of themselves at any time. */
export type Profile = Pick<User, 'name' | 'locale' | 'timeZone' | 'theme'>;

/** The context of somebody who acts for themselves, by whatever door. */
type OwnContext = TenantContext & { user: Pick<UserInContext, 'id'> };

/** Puts these values, which a form has checked, into the caller's own profile; what is not given stays as it is. */
export async function changeProfile(context: OwnContext, changes: Partial<Profile>): Promise<void> {
  await inTransaction(async () => {
    const user = await lockUser(context.tenant.id, context.user.id);
    user.set(changes);
    const details = detailsOf(user);
    if (Object.keys(details).length === 0) return;
    user.setKeys();
    await user.save();
    await record(context, { event: 'profile.changed', target: { type: 'user', id: user.id }, details });
  });
}

/**
 * Saves the whole profile page: the profile at once, and a changed e-mail address as one that waits until the link
 * mailed to it is opened. Gives that address, or null. All or nothing: with an address that is taken, nothing is saved.
 */
export async function saveProfile(
  context: SignedInContext,
  { email, ...profile }: Profile & { email: string },
): Promise<string | null> {
  const moves = email !== context.user.email;
  if (moves) await countEmailChange(context);
  await inTransaction(async () => {
    await changeProfile(context, profile);
    if (moves) await requestEmailChange(context, email);
  });
  return moves ? email : null;
}

// The log outlives the account, so it does not learn what somebody is called.
function detailsOf(user: User): Details {
  const details: Details = {};
  for (const field of ['locale', 'timeZone', 'theme'] as const) {
    if (user.changed(field)) details[field] = { from: user.previous(field), to: user[field] };
  }
  if (user.changed('name')) details['name'] = 'changed';
  return details;
}
