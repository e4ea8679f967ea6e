import assert from 'node:assert/strict';
import type { User } from '#models/user.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { clearCounters, keepRows } from '../support/database.js';
import { PASSKEYS, addPasskey, forbidPasswords, givePasskeys, withPasskey } from '../support/passkeys.js';
import type { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import type { Program } from '../support/program.js';
import { disable, enrol, isSignedIn, setPolicy, signedInWith } from '../support/second-factor.js';
import { addSomebody, userCalled } from '../support/users.js';

/** Somebody, what they have, and a browser in which they are signed in. */
interface Owner {
  who: string;
  browser: Browser;
  phone: Phone | null;
  key: Authenticator | null;
}

type Deed = (owner: Owner, user: User, adam: Program) => Promise<unknown>;

/** Each policy under which a password opens all, the page that adds a passkey, or nothing. */
const POLICIES: Readonly<Record<string, (portal: Portal) => Promise<void>>> = {
  'where passwords sign in': () => Promise.resolve(),
  'where passkeys are switched off': (portal) => setPolicy(portal, 'acme', { passkeys: 'off' }),
  'where passwords open nothing, within the days of grace': (portal) => forbidPasswords(portal, 14),
  'where passwords open nothing, after them': (portal) => forbidPasswords(portal, 0),
};

const HAVE = ['an app', 'an app and a passkey', 'a passkey', 'two passkeys'] as const;

/** What is not offered under a policy is not done. */
const orNotOffered = (done: Promise<unknown>): Promise<unknown> =>
  done.catch((error: unknown) => {
    if (!/has no form for/.test(String(error))) throw error;
  });

const reason = 'Lost the phone';
const DEEDS: Readonly<Record<string, Deed>> = {
  'its owner disables the app': ({ browser, phone }) =>
    phone ? orNotOffered(disable(browser, phone)) : Promise.resolve(),
  'its owner resets the app': ({ browser }) =>
    orNotOffered(browser.submit('/security/two-factor', '/security/two-factor/setup')),
  async 'its owner removes a passkey'({ browser }) {
    const [path] = (await browser.open(PASSKEYS)).links().filter((link) => link.endsWith('/removal'));
    if (path !== undefined && (await browser.get(path)).status === 200) await browser.submit(path, path);
  },
  'an administrator resets the app': (_owner, { id }, adam) =>
    adam.post(`/users/${id}/two-factor`, { state: 'pending', reason }),
  'an administrator takes the app': (_owner, { id }, adam) => adam.delete(`/users/${id}/two-factor`, { reason }),
  'an administrator takes the passkeys': (_owner, { id }, adam) => adam.delete(`/users/${id}/passkeys`, { reason }),
};

describe('A mail about a factor says of the password what is true', () => {
  let portal: Portal;
  let adam: Program;
  let putBack: () => Promise<void>;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    // Who has not enough passkeys does nothing where passwords open nothing, by no door.
    await givePasskeys(portal, await userCalled(portal, 'acme/adam'));
    adam = await programOf(portal, 'acme/adam');
    putBack = await keepRows(portal.database, { security_policies: 'tenant_id' });
  });
  afterEach(async () => {
    await putBack();
    await clearCounters(portal.database);
  });
  after(() => portal.close());

  async function ownerOf(has: (typeof HAVE)[number]): Promise<Owner> {
    const who = `acme/warden${(count += 1)}`;
    const user = await addSomebody(portal, who, 'user');
    if (has.startsWith('a passkey') || has === 'two passkeys') {
      const { browser, key } = await withPasskey(portal, who);
      if (has === 'two passkeys') await givePasskeys(portal, user, 1);
      return { who, browser, phone: null, key };
    }
    const { phone } = await enrol(portal, who);
    const browser = await signedInWith(portal, who, phone);
    const key = has === 'an app and a passkey' ? new Authenticator() : null;
    if (key) await addPasskey(browser, key);
    return { who, browser, phone, key };
  }

  // What really comes of the password alone.
  async function opens(who: string): Promise<'all' | 'more' | 'nothing'> {
    const browser = portal.browser();
    const { status } = await browser.tryToSignIn(who, PASSWORD);
    if (status === 422) return 'nothing';
    const { location } = await browser.get('/security');
    return (await isSignedIn(browser)) && !/passkeys\/new|two-factor/.test(location) ? 'all' : 'more';
  }

  for (const [where, apply] of Object.entries(POLICIES))
    for (const [what, deed] of Object.entries(DEEDS))
      it(`${where}, when ${what}`, async () => {
        let mailed = 0;
        for (const has of HAVE) {
          const owner = await ownerOf(has);
          const user = await userCalled(portal, owner.who);
          await apply(portal);
          const before = (await portal.inbox.mailsTo(user.email)).length;
          await deed(owner, user, adam);
          const mails = (await portal.inbox.mailsTo(user.email)).slice(before).map(({ text }) => String(text));
          const said = mails.join('\n');
          const alone = await opens(owner.who);
          const link = mails.some((text) => text.includes('/recovery/setup/'));
          const told = `${has}: ${alone}\n${said}`;
          if (/password alone (now )?opens|alone opens it/.test(said)) assert.equal(alone, 'all', told);
          if (/alone leads to it/.test(said)) assert.equal(alone, 'more', told);
          if (/still asked for a second factor/.test(said)) assert.equal(alone, 'more', told);
          if (/password opens nothing,/.test(said)) assert.equal(alone, 'nothing', told);
          if (/opens nothing but/.test(said)) assert.equal(alone, 'more', told);
          if (/link in another mail/.test(said)) assert.equal(link, true, told);
          if (link) assert.notEqual(alone, 'nothing', told);
          mailed += mails.length;
          await putBack();
        }
        assert.ok(mailed > 0 || (where.includes('nothing') && what.startsWith('its owner')), 'Somebody was told.');
      });
});
