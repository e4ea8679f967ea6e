import assert from 'node:assert/strict';
import type { Browser } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { mailResetLink } from '../support/links.js';
import { PASS_SETUP, passOn } from '../support/passes.js';
import type { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { withBasic } from '../support/programs.js';
import { enrol, isSignedIn } from '../support/second-factor.js';
import { addSomebody, pageOf } from '../support/users.js';
import { disavowalPath, takeLink } from '../house/pathway-doors.js';

const NEW_PASSWORD = 'copper-lantern-meadow-57';

// The clauses of "What an attacker with password and mailbox can still do" in docs/security.md, in their order.
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

  it('cannot sign in, and no program can with the password', async () => {
    assert.equal((await thief.signIn(who, PASSWORD)).location, '/login/two-factor');
    assert.equal(await isSignedIn(thief), false);
    assert.equal((await withBasic(portal, who, PASSWORD).get('/me')).status, 401);
  });

  it('can set a new password, and is asked for the code behind it all the same', async () => {
    const path = await mailResetLink(portal, who);
    const fields = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };
    assert.equal((await thief.submit(path, path, fields)).status, 303);
    assert.equal((await thief.signIn(who, NEW_PASSWORD)).location, '/login/two-factor');
    assert.equal(await isSignedIn(thief), false);
  });

  it('cannot set up a factor of their own beside it or in its place', async () => {
    await thief.signIn(who, PASSWORD);
    const setup = await thief.open('/login/two-factor/setup');
    assert.doesNotMatch(setup.html, /otpauth|data-secret/);
    const _csrf = await thief.csrf('/login/two-factor');
    for (const path of ['/security/two-factor/setup', '/security/two-factor/removal', '/security/passkeys'])
      assert.match((await thief.post(path, { _csrf })).location, /^\/login/, path);
  });

  it('can say “This wasn’t me” for its owner: all sessions end, and the code is still asked for', async () => {
    assert.equal((await takeLink(portal, await disavowalPath(portal, who)))?.status, 303);
    assert.equal((await thief.tryToSignIn(who, PASSWORD)).status, 422);
    const path = await portal.inbox.linkTo(email, '/password/reset/');
    const fields = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };
    assert.equal((await thief.submit(path, path, fields)).status, 303);
    assert.equal((await thief.signIn(who, NEW_PASSWORD)).location, '/login/two-factor');
  });

  it('can set up the next factor once an administrator has taken the last one and a link was mailed', async () => {
    const adam = await portal.signedIn('acme/adam');
    await adam.submit(page, `${page}/two-factor-reset`, { reason: 'Says to have lost the phone' });
    const path = await portal.inbox.linkTo(email, '/recovery/setup/');
    assert.equal((await thief.submit(path, path, { password: PASSWORD })).location, PASS_SETUP);
  });

  it('and cannot where a pass was made instead, which is in no mail', async () => {
    const adam = await portal.signedIn('acme/adam');
    const reason = 'Showed a passport';
    const pass = passOn(await adam.submit(page, `${page}/two-factor-reset`, { reason, passMinutes: '60' }));
    const mails = await portal.inbox.mailsTo(email);
    assert.ok(!mails.some(({ text }) => text.includes(pass) || text.includes('/recovery/setup/')));
    const shown = await thief.follow(await thief.tryToSignIn(who, PASSWORD));
    assert.doesNotMatch(shown.html, /otpauth|data-secret/);
    assert.equal(await isSignedIn(thief), false);
  });
});
