import { SecurityPolicy } from '#models/security-policy.js';
import { readInTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { factorsOf } from './factors.js';
import { passwordReachOf } from './password-reach.js';

/**
 * How somebody goes on once an administrator has taken a factor of theirs: with a pass, or a mailed link that asks for the password
 * beside it; with another factor; or, `nothing`, with none of these until a pass is made.
 */
export type Onward = 'pass' | 'link' | 'factor' | 'nothing';

/** How this user goes on, as things are now: asked where the factor is gone. Inside that write. */
export async function onwardFor({ now }: Pick<Context, 'now'>, user: User, minutes: number | null): Promise<Onward> {
  const able = user.kind === 'person' && user.status === 'active';
  if (able && minutes !== null) return 'pass';
  if (await factorIsLeft(user)) return 'factor';
  // The link asks for the password beside it, which must open something.
  return able && (await reachOf(user, now)) !== 'nothing' ? 'link' : 'nothing';
}

/**
 * Whether the user's password is not enough to sign in, as the policy is now: a passkey that the organisation has switched off is
 * there, and stands in nobody's way. Inside that write.
 */
export async function factorIsLeft(user: User): Promise<boolean> {
  return (await factorsOf(user, await SecurityPolicy.of(user.tenantId))).length > 0;
}

/** What opens an account after a factor of it is gone, in the words of the mails. Inside that write. */
export async function whatOpens({ now }: Pick<Context, 'now'>, user: User): Promise<string> {
  const reach = await reachOf(user, now);
  if (reach === 'nothing') return 'Its password opens nothing, as the organisation wants it';
  if (reach === 'set-up')
    return 'Its password opens nothing but the page that adds a passkey, as the organisation wants it';
  return (await factorIsLeft(user))
    ? 'It is still asked for a second factor at sign-in'
    : 'Its password alone opens it now';
}

async function reachOf(user: User, now: number) {
  return passwordReachOf(readInTransaction, { user, policy: await SecurityPolicy.of(user.tenantId) }, now);
}
