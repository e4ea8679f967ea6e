import { randomBytes } from 'node:crypto';
import { Passkey } from '#models/passkey.js';
import type { User } from '#models/user.js';
import { Authenticator, type Oddities } from './authenticator.js';
import type { Browser, Fields, Page } from './browser.js';
import type { Portal } from './portal.js';
import { codesOn, setPolicy } from './second-factor.js';

export const PASSKEYS = '/security/passkeys';
export const NEW_PASSKEY = '/security/passkeys/new';
export const SECOND = '/login/two-factor/passkey';

/** Somebody who has a passkey, the browser it was made in, and the recovery codes that came with it. */
export interface Keyed {
  browser: Browser;
  key: Authenticator;
  codes: string[];
}

/** Sends the answer of an authenticator to the page that asks for a new passkey. */
export async function addPasskey(
  browser: Browser,
  key: Authenticator,
  { odd = {}, fields = {} }: { odd?: Oddities; fields?: Fields } = {},
): Promise<Page> {
  const page = await browser.open(NEW_PASSKEY);
  return browser.post(PASSKEYS, { ...page.form(PASSKEYS), credential: key.create(page, odd), ...fields });
}

/** Gives a member of the cast a passkey. */
export async function withPasskey(
  portal: Portal,
  who: string,
  ways: Oddities = {},
  fields: Fields = {},
): Promise<Keyed> {
  const browser = await portal.signedIn(who);
  const key = new Authenticator(ways);
  const answer = await addPasskey(browser, key, { fields });
  if (answer.status !== 200) throw new Error(`${who} could not add a passkey: ${answer.status} ${answer.alert}`);
  return { browser, key, codes: codesOn(answer) };
}

/** Answers the page that asks for a passkey after the password. */
export async function sendPasskey(browser: Browser, key: Authenticator, odd: Oddities = {}): Promise<Page> {
  const page = await browser.open('/login/two-factor');
  return browser.post(SECOND, { ...page.form(SECOND), credential: key.get(page, odd) });
}

export const ALONE = '/login/passkey';
export const RECOVERY = '/login/recovery';

/** Answers the sign-in page, where nobody is known, with a passkey. */
export async function signInAlone(
  browser: Browser,
  key: Authenticator,
  { odd = {}, at = '/login' }: { odd?: Oddities; at?: string } = {},
): Promise<Page> {
  const page = await browser.open(at);
  return browser.post(ALONE, { ...page.form(ALONE), credential: key.get(page, odd) });
}

/** Lets passwords open nothing in an organisation from now on, whoever has enough passkeys or not. */
export async function forbidPasswords(portal: Portal, graceDays = 14, slug = 'acme'): Promise<void> {
  const passwordForbiddenSince = portal.clock.now();
  await setPolicy(portal, slug, { passwordSignIn: 'forbidden', graceDays, passwordForbiddenSince });
}

/** Puts passkeys into the account that no authenticator has, for what only counts them. */
export async function givePasskeys(portal: Portal, { id: userId, tenantId }: User, count = 2): Promise<void> {
  const key = { rpId: 'localhost', userHandle: 'x'.repeat(86), publicKey: 'x', aaguid: '', transports: '', counter: 0 };
  for (let number = 1; number <= count; number += 1)
    await Passkey.create({
      ...{ ...key, tenantId, userId, name: `Key ${number}`, credentialId: randomBytes(16).toString('base64url') },
      ...{ synced: true, backedUp: true, verified: true, signInAlone: true, createdAt: portal.clock.now() },
    });
}
