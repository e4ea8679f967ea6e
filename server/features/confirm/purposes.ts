/** What is about to be done, by the beginning of its path: a confirmation says for what it is asked. */
const PURPOSES: readonly [path: RegExp, words: string][] = [
  [/^\/(security|login)\/password/, 'to change your password'],
  [/^\/login\/pass/, 'to set up how you sign in'],
  [/^\/login\/two-factor/, 'to set up two-factor authentication'],
  [/^\/security\/tokens/, 'to make or change an API token'],
  [/^\/security\/api-key/, 'to make a new API key'],
  [/^\/security\/api-password/, 'to make a new API password'],
  [/^\/security\/two-factor/, 'to change your two-factor authentication'],
  [/^\/security\/passkeys/, 'to change your passkeys'],
  [/^\/security\/recovery-codes/, 'to make new recovery codes'],
  [/^\/security\/sessions/, 'to end your other sessions'],
  [/^\/security\/ssh-keys/, 'to change your SSH keys'],
  [/^\/profile/, 'to change your e-mail address'],
  [/^\/account\/export/, 'to download what is kept of you'],
  [/^\/account/, 'to delete your account'],
  [/^\/admin\/users\/[^/]+\/tokens/, 'to make an API token for a service account'],
  [/^\/admin\/users\/former/, 'to free a username'],
  [/^\/admin\/users/, 'to change accounts of others'],
  [/^\/admin\/roles/, 'to change roles'],
  [/^\/admin\/credentials/, 'to revoke API credentials'],
  [/^\/admin\/approvals/, 'to decide what somebody has asked for'],
  [/^\/admin\/security-policy/, 'to change the security policy'],
  [/^\/admin\/notifications/, 'to change how mails are worded'],
  [/^\/admin\/organisation/, 'to change the settings of the organisation'],
  [/^\/platform\/tenants/, 'to change organisations'],
];

/** For what the confirmation is asked; '' where the path does not tell. */
export function purposeOf(path: string): string {
  return PURPOSES.find(([pattern]) => pattern.test(path))?.[1] ?? '';
}
