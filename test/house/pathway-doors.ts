import { SecurityPolicy } from '#models/security-policy.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';
import type { Browser, Page } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { PASSWORD, type Portal } from '../support/portal.js';
import { forbidPasswords, givePasskeys } from '../support/passkeys.js';
import { enrol, halfSignedIn, setPolicy } from '../support/second-factor.js';
import { addSomebody } from '../support/users.js';

/** Somebody before one way in, with all that it takes. */
export interface Door {
  /** Goes in; true when they are let in, or what the way is for is done. */
  knock(): Promise<boolean>;
  /** The same request without the proof that it comes from a page of ours; true when it is done. */
  forge?(): Promise<boolean>;
  /** Does what a guard is there for, where this way has its own; may give another door to knock at. */
  spoil?: Readonly<Record<string, () => unknown>>;
  /** An installation of its own, where it has one. */
  portal?: Portal;
}

/** Gets `acme/NAME`, who is nobody yet, before a way in. */
export type Approach = (portal: Portal, who: string) => Promise<Door>;

export const NEW_PASSWORD = 'copper-lantern-meadow-57';

/** What each guard is there for: done to whoever stands before a way in, unless that has its own. */
export const SPOILS: Readonly<Record<string, (portal: Portal, who: string) => unknown>> = {
  'account active': (_portal, who) => changeUser(who, { status: 'disabled' }),
  // Its owner has had it deleted, and what erases it has not run yet.
  'account not gone': (portal, who) => changeUser(who, { removalAt: portal.clock.now() }),
  'account not held': async (portal, who) => takeLink(portal, await disavowalPath(portal, who)),
  'organisation active': ({ database }) =>
    database.sequelize.query(`UPDATE tenants SET status = 'suspended' WHERE slug = 'acme'`),
  'organisation’s addresses': (portal) => setPolicy(portal, 'acme', { allowedIps: '10.0.0.0/8' }),
  'second factor': (portal, who) => enrol(portal, who),
  'new password due': (_portal, who) => changeUser(who, { mustChangePassword: true }),
  'second factor due': async (portal, who) => {
    await setPolicy(portal, 'acme', { graceDays: 0 });
    await changeUser(who, { mustSetUpTwoFactor: true });
  },
  'lock of passwords': (portal, who) => lockPasswords(portal, who),
  async 'passwords end'(portal, who) {
    await givePasskeys(portal, await userNow(who));
    await forbidPasswords(portal);
  },
};

export async function somebody(portal: Portal, who: string): Promise<User> {
  return addSomebody(portal, who, 'user');
}

export async function userNow(who: string): Promise<User> {
  const [, username = ''] = who.split('/');
  return User.findOne({ where: { username }, rejectOnEmpty: true });
}

async function changeUser(who: string, values: Partial<User['_attributes']>): Promise<void> {
  await (await userNow(who)).update(values);
}

export async function isIn(browser: Browser): Promise<boolean> {
  return (await browser.get('/security')).status === 200;
}

export async function done(sent: Promise<Page | null>): Promise<boolean> {
  return (await sent)?.status === 303;
}

export async function byPassword(
  portal: Portal,
  who: string,
  browser = portal.browser(),
  password = PASSWORD,
): Promise<boolean> {
  await browser.tryToSignIn(who, password);
  return isIn(browser);
}

/** Takes a mailed link that is a button alone; null for a dead one, which has none. */
export function takeLink(portal: Portal, path: string): Promise<Page | null> {
  return portal
    .browser()
    .submit(path, path)
    .catch(() => null);
}

export async function disavowalPath(portal: Portal, who: string): Promise<string> {
  const user = await userNow(who);
  const context = await contextIn(portal, 'acme');
  const { disavowalLink } = await inTransaction(() => issueDisavowal(context, user, 'sign-in.succeeded'));
  return disavowalLink;
}

export async function lockPasswords(portal: Portal, who: string, browser = portal.browser()): Promise<void> {
  const { lockoutThreshold } = await SecurityPolicy.of((await userNow(who)).tenantId);
  for (let tries = 0; tries < lockoutThreshold; tries += 1) await browser.tryToSignIn(who, `${PASSWORD}x`);
}

/** Ten wrong codes, of which a sign-in takes five. */
export async function lockCodes(portal: Portal, who: string, path = '/login/two-factor'): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    const browser = await halfSignedIn(portal, who);
    await browser.submit(path, path, { code: '000000' });
  }
  // What the address of a guesser is refused for is another lock.
  await portal.database.sequelize.query(`DELETE FROM throttles WHERE key NOT LIKE 'codes/%'`);
}
