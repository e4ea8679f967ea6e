/** The key of the account's counter of wrong codes; an admin's unlock, or a new factor, clears it. */
export function codeKey(userId: string): string {
  return `codes/${userId}`;
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
