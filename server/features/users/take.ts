import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { livePass } from '#server/identity/make-pass.js';
import type { Taking } from '#server/identity/taking.js';
import { takeOrAsk, type Taken } from '#server/identity/two-person.js';
import { actOnUser } from '#server/identity/user.js';
import { demandReason, openCodeLock } from './code-lock.js';

/** Why, and for how many minutes a pass goes with it; null where a link is mailed instead. */
type Given = Pick<Taking, 'reason' | 'minutes'> & Seen;

/** Which pass whoever asks has been shown, '' for none: one that somebody else has made since is not voided unawares. */
interface Seen {
  replaces?: string | undefined;
}

/** What taking a second factor from somebody else demands, and of whom it may be taken. */
export const TAKING = { permission: 'users:two-factor', rule: mayActOnAnother } as const;

/** Makes a temporary access pass for somebody else, who is told at once; gives it, to be shown once, or what waits. */
export function makeAccessPass(
  context: TenantContext,
  userId: string,
  given: Seen & { reason: string; minutes: number },
): Promise<Taken> {
  return takeFrom(context, userId, { kind: 'access-pass', ...given });
}

/**
 * Takes the second factor of somebody else away. The password alone then opens the account, and does not set up the next; its
 * owner is told why, and by whom. Gives what came of it.
 */
export function disableTwoFactorOf(context: TenantContext, userId: string, given: Given): Promise<Taken> {
  return takeFrom(context, userId, { kind: 'two-factor-removal', ...given });
}

/**
 * Resets the secret of somebody else, who has lost their app: the old one is dead at once. A new one is set up by the pass, which
 * it gives where one was made, or by the mailed link.
 */
export function resetTwoFactorOf(context: TenantContext, userId: string, given: Given): Promise<Taken> {
  return takeFrom(context, userId, { kind: 'two-factor-reset', ...given });
}

/** Removes one passkey of somebody else, or with no `passkeyId` all of them; its owner is told why, and by whom. Gives what came of it. */
export function removePasskeysOf(
  context: TenantContext,
  userId: string,
  given: Given & { passkeyId?: string },
): Promise<Taken> {
  return takeFrom(context, userId, { kind: 'passkey-removal', ...given });
}

const ANOTHER_PASS =
  'Somebody else has made an access pass for this account since you opened the page. Send it again only if that one is to be void.';

// Where a second administrator has to approve it, it waits.
async function takeFrom(context: TenantContext, userId: string, { replaces, ...given }: Taking & Seen): Promise<Taken> {
  const taking = { ...given, reason: demandReason(given.reason) };
  const taken = await actOnUser(context, userId, TAKING, async (user, acting) => {
    const pass = replaces === undefined ? null : await livePass(acting, user);
    if (pass !== null && pass.id !== replaces) throw Invalid.field('reason', ANOTHER_PASS);
    return takeOrAsk(acting, user, taking);
  });
  // Wrong codes of whoever has found the phone must not keep its owner out.
  if (!taken.approval) await openCodeLock(context, userId);
  return taken;
}
