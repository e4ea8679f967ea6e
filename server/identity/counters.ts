import { canonicalEmail, canonicalSlug } from '#policies/names.js';
import type { Services } from '#server/context.js';

/**
 * Counters of wrong codes: one for strangers, one for each browser that has passed this very second factor before, one
 * for who is signed in. Who knows the password and fails on purpose locks out strangers, not the owner. An admin's unlock
 * opens them all.
 */
export function codeKey(userId: string, whose?: string): string {
  return whose === undefined ? `codes/${userId}` : `codes/${userId}/${whose}`;
}

/**
 * Counters of wrong passwords. An account has one for strangers and one for each browser that its owner has signed in
 * with before: a stranger who fails on purpose locks out strangers, not the owner.
 */
export function accountKey(userId: string, knownBrowser?: string): string {
  return knownBrowser === undefined ? `account/${userId}` : `account/${userId}/${knownBrowser}`;
}

/** The counter of the password checks of somebody who is signed in already. */
export function signedInKey(userId: string): string {
  return `account/${userId}/signed-in`;
}

/** The counter of the codes of somebody who is signed in already. */
export function signedInCodeKey(userId: string): string {
  return codeKey(userId, 'signed-in');
}

/** The counter of wrong codes of a name that none is asked of: as if it were somebody's, so that it tells nothing. */
export function nobodysCodeKey(
  { keys }: Pick<Services, 'keys'>,
  { organization, username }: { organization: string; username: string },
): string {
  const name = JSON.stringify([canonicalSlug(organization), canonicalEmail(username)]);
  return `codes/unknown-${keys.mac('throttle', name)}`;
}
