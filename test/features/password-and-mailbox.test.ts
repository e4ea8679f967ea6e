import assert from 'node:assert/strict';
import type { Browser } from '../support/browser.js';
import { assertClauses } from '../support/clauses.js';
import { clearCounters } from '../support/database.js';
import { mailResetLink } from '../support/links.js';
import { PASS_SETUP, passOn } from '../support/passes.js';
import type { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { withBasic } from '../support/programs.js';
import { enrol, isSignedIn, signedInWith } from '../support/second-factor.js';
import { addSomebody, pageOf } from '../support/users.js';
import { disavowalPath, takeLink } from '../house/pathway-doors.js';

const NEW_PASSWORD = 'copper-lantern-meadow-57';
const NEW = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };

describe('Who has the password and the mailbox of somebody with a second factor', () => {
  let portal: Portal;
  let who: string;
  let page: string;
  let email: string;
  let phone: Phone;
  let thief: Browser;
  let count = 0;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    await clearCounters(portal.database);
    who = `acme/prey${(count += 1)}`;
    const user = await addSomebody(portal, who, 'user');
    page = pageOf(user.id);
    email = user.email;
    ({ phone } = await enrol(portal, who));
    phone.nextCode();
    thief = portal.browser();
  });
  after(() => portal.close());

  /** By the words that docs/security.md begins each clause with. */
  const CLAUSES: Readonly<Record<string, () => Promise<void>>> = {
    async 'Not sign in, in a browser or by a program'() {
      assert.equal((await thief.signIn(who, PASSWORD)).location, '/login/two-factor');
      assert.equal(await isSignedIn(thief), false);
      assert.equal((await withBasic(portal, who, PASSWORD).get('/me')).status, 401);
    },

    async 'Set a new password with a mailed link, which ends every session'() {
      const own = await signedInWith(portal, who, phone);
      const path = await mailResetLink(portal, who);
      assert.equal((await thief.submit(path, path, NEW)).status, 303);
      assert.equal(await isSignedIn(own), false);
      assert.equal((await thief.signIn(who, NEW_PASSWORD)).location, '/login/two-factor');
      assert.equal(await isSignedIn(thief), false);
    },

    async 'Not set up a factor of their own'() {
      await thief.signIn(who, PASSWORD);
      const setup = await thief.open('/login/two-factor/setup');
      assert.doesNotMatch(setup.html, /otpauth|data-secret/);
      const _csrf = await thief.csrf('/login/two-factor');
      for (const path of ['/security/two-factor/setup', '/security/two-factor/removal', '/security/passkeys'])
        assert.match((await thief.post(path, { _csrf })).location, /^\/login/, path);
    },

    async 'Say "This wasn\'t me" for the owner'() {
      const own = await signedInWith(portal, who, phone);
      assert.equal((await takeLink(portal, await disavowalPath(portal, who)))?.status, 303);
      assert.equal(await isSignedIn(own), false);
      assert.equal((await thief.tryToSignIn(who, PASSWORD)).status, 422);
      const path = await portal.inbox.linkTo(email, '/password/reset/');
      assert.equal((await thief.submit(path, path, NEW)).status, 303);
      assert.equal((await thief.signIn(who, NEW_PASSWORD)).location, '/login/two-factor');
    },

    async 'Once an administrator has taken the last factor and let a link be mailed: set up the next'() {
      const adam = await portal.signedIn('acme/adam');
      await adam.submit(page, `${page}/two-factor-reset`, { reason: 'Says to have lost the phone' });
      const path = await portal.inbox.linkTo(email, '/recovery/setup/');
      assert.equal((await thief.submit(path, path, { password: PASSWORD })).location, PASS_SETUP);
    },

    async 'Not do so where a pass was made instead'() {
      const adam = await portal.signedIn('acme/adam');
      const reason = 'Showed a passport';
      const pass = passOn(await adam.submit(page, `${page}/two-factor-reset`, { reason, passMinutes: '60' }));
      assert.match(pass, /\S{12}/);
      const mails = await portal.inbox.mailsTo(email);
      assert.ok(!mails.some(({ text }) => text.includes(pass) || text.includes('/recovery/setup/')));
      const shown = await thief.follow(await thief.tryToSignIn(who, PASSWORD));
      assert.doesNotMatch(shown.html, /otpauth|data-secret/);
      assert.equal(await isSignedIn(thief), false);
    },
  };

  it('can do what docs/security.md says, and no clause of it is without its test', () => {
    assertClauses('test/features/password-and-mailbox.test.ts', CLAUSES);
  });

  for (const [words, holds] of Object.entries(CLAUSES)) it(`“${words} …”`, holds);
});
