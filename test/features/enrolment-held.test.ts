import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { Authenticator } from '../support/authenticator.js';
import type { Browser } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { logged, mailResetLink } from '../support/links.js';
import { enterPass, PASS_SETUP, passFor, passOn } from '../support/passes.js';
import { addPasskey, NEW_PASSKEY, PASSKEYS, sendPasskey, withPasskey } from '../support/passkeys.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { codesOn, enrol, halfSignedIn, setPolicy, signedInWith } from '../support/second-factor.js';
import { addSomebody, pageOf } from '../support/users.js';

const SETUP = '/login/two-factor/setup';

describe('After an administrator has taken the last factor of somebody', () => {
  let portal: Portal;
  let adam: Browser;
  let who: string;
  let user: User;
  let page: string;
  let count = 0;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(async () => {
    await clearCounters(portal.database);
    adam = await portal.signedIn('acme/adam');
    who = `acme/robbed${(count += 1)}`;
    user = await addSomebody(portal, who, 'user');
    page = pageOf(user.id);
    await enrol(portal, who);
  });
  after(() => portal.close());

  const reset = (fields = {}) => adam.submit(page, `${page}/two-factor-reset`, { reason: 'Lost the phone', ...fields });
  const link = (): Promise<string> => portal.inbox.linkTo(user.email, '/recovery/setup/');
  const isEnrolled = async (): Promise<boolean> => (await user.reload()).twoFactor === 'active';

  /** Connects an app on the page that a pass or a link has opened, and gives its codes. */
  async function connect(browser: Browser): Promise<string[]> {
    const phone = new Phone(portal.clock).scan(await browser.open(SETUP));
    return codesOn(await browser.submit(SETUP, SETUP, { code: phone.code() }));
  }

  it('the password alone shows no QR code after a reset, and a code of that secret is not taken', async () => {
    assert.equal((await reset()).status, 303);
    const thief = portal.browser();
    const shown = await thief.follow(await thief.tryToSignIn(who, PASSWORD));
    assert.equal(shown.path, SETUP);
    assert.doesNotMatch(shown.html, /data-secret|otpauth/);
    assert.match(shown.text, /password alone does not set up the next/);
    const _csrf = shown.valueOf('_csrf');
    assert.equal((await thief.post(SETUP, { _csrf, code: '000000' })).status, 409);
    assert.equal(await isEnrolled(), false);
  });

  it('nor does it after a removal, though it opens the account: neither an app nor a passkey', async () => {
    const form = Object.fromEntries(
      Object.entries((await adam.open(page)).form(page)).filter(([name]) => name !== 'twoFactorActive'),
    );
    assert.equal((await adam.post(page, { ...form, reason: 'Lost the phone' })).status, 303);
    const thief = await portal.signedIn(who);
    const _csrf = await thief.csrf('/security');
    assert.equal((await thief.post('/security/two-factor/setup', { _csrf })).status, 409);
    assert.equal((await thief.get(NEW_PASSKEY)).status, 409);
    const credential = new Authenticator().create(await (await portal.signedIn('acme/uma')).open(NEW_PASSKEY));
    assert.notEqual((await thief.post(PASSKEYS, { _csrf, name: '', credential })).status, 303);
    assert.equal(await isEnrolled(), false);
  });

  it('nor where a factor is demanded at once', async () => {
    assert.equal((await reset()).status, 303);
    await User.update({ mustSetUpTwoFactor: true, twoFactor: 'disabled' }, { where: { id: user.id } });
    await setPolicy(portal, 'acme', { graceDays: 0 });
    const thief = portal.browser();
    const shown = await thief.follow(await thief.tryToSignIn(who, PASSWORD));
    await setPolicy(portal, 'acme', { graceDays: 7 });
    assert.equal(shown.path, SETUP);
    assert.match(shown.text, /ask for an access pass/);
  });

  it('a pass made in the same step leads to the next factor, and with that all is as before', async () => {
    const shown = await reset({ passMinutes: '60' });
    assert.equal(shown.status, 200);
    const browser = portal.browser();
    assert.equal((await enterPass(browser, who, passOn(shown))).location, PASS_SETUP);
    assert.equal((await connect(browser)).length, 10);
    assert.equal(await isEnrolled(), true);
    assert.equal(user.enrolmentHeld, false);
  });

  it('else a mailed link does, together with the password, once', async () => {
    await reset();
    const path = await link();
    const reader = portal.browser();
    assert.equal((await reader.submit(path, path, { password: 'not-the-password-at-all' })).status, 422);
    assert.equal((await reader.submit(path, path, { password: PASSWORD })).location, PASS_SETUP);
    for (const other of ['/security', '/profile', '/security/tokens'])
      assert.equal((await reader.open(other)).path, PASS_SETUP, other);
    assert.equal((await portal.browser().get(path)).status, 410);
    assert.equal((await connect(reader)).length, 10);
    assert.equal((await logged(portal, 'acme', 'two-factor.link-sent')).at(-1)?.['target_id'], user.id);
  });

  it('whoever reads the mailbox and not the password gets nowhere: a new password voids the link', async () => {
    await reset();
    const path = await link();
    const newPassword = 'copper-lantern-meadow-57';
    const resetPath = await mailResetLink(portal, who);
    const fields = { newPassword, confirmPassword: newPassword };
    assert.equal((await portal.browser().submit(resetPath, resetPath, fields)).status, 303);
    assert.equal((await portal.browser().get(path)).status, 410);
    const thief = portal.browser();
    const shown = await thief.follow(await thief.tryToSignIn(who, newPassword));
    assert.doesNotMatch(shown.html, /data-secret|otpauth/);
    assert.equal(await isEnrolled(), false);
  });

  it('the link ends after a day, and an administrator sees what to do then', async () => {
    await reset();
    const path = await link();
    portal.clock.move(DAY + 1);
    assert.equal((await portal.browser().get(path)).status, 410);
    adam = await portal.signedIn('acme/adam');
    assert.match((await adam.open(page)).text, /Waits to set up a second factor anew/);
    const browser = portal.browser();
    await enterPass(browser, who, await passFor(portal, who));
    assert.equal((await connect(browser)).length, 10);
    assert.doesNotMatch((await adam.open(page)).text, /Waits to set up/);
  });

  it('holds for the last passkey too, with a pass where one is asked for, and not while another factor is left', async () => {
    const other = `acme/keyed${count}`;
    const keyed = await addSomebody(portal, other, 'user');
    await withPasskey(portal, other);
    const [path = ''] = (await adam.open(pageOf(keyed.id))).links().filter((one) => one.includes('/passkeys/'));
    const shown = await adam.submit(pageOf(keyed.id), path, { reason: 'Lost it', passMinutes: '1440' });
    assert.equal(shown.status, 200);
    assert.match(passOn(shown), /^\S{14}$/);
    assert.equal((await keyed.reload()).enrolmentHeld, true);
    assert.equal((await (await portal.signedIn(other)).get(NEW_PASSKEY)).status, 409);
  });

  it('holds where what is left is a passkey that the organisation has switched off, until it is asked for again', async () => {
    const other = `acme/asleep${count}`;
    const asleep = await addSomebody(portal, other, 'user');
    const { phone } = await enrol(portal, other);
    const key = new Authenticator();
    await addPasskey(await signedInWith(portal, other, phone), key);
    try {
      await setPolicy(portal, 'acme', { passkeys: 'off' });
      const path = `${pageOf(asleep.id)}/two-factor-reset`;
      await adam.submit(pageOf(asleep.id), path, { reason: 'Lost the phone' });
      const thief = portal.browser();
      assert.doesNotMatch((await thief.follow(await thief.tryToSignIn(other, PASSWORD))).html, /data-secret|otpauth/);
      const mailed = await portal.inbox.linkTo(asleep.email, '/recovery/setup/');
      await setPolicy(portal, 'acme', { passkeys: 'second-factor' });
      const reader = portal.browser();
      assert.equal(
        (await reader.submit(mailed, mailed, { password: PASSWORD })).status,
        409,
        'There is a factor again.',
      );
      const owner = await halfSignedIn(portal, other);
      await sendPasskey(owner, key);
      assert.equal((await owner.get(NEW_PASSKEY)).status, 200, 'And who has shown it adds the next.');
    } finally {
      await setPolicy(portal, 'acme', { passkeys: 'passwordless' });
    }
  });

  it('holds by the API too, which mails the link and gives no pass', async () => {
    const program = await programOf(portal, 'acme/adam');
    const answer = await program.post(`/users/${user.id}/two-factor`, { state: 'pending', reason: 'Lost the phone' });
    assert.deepEqual([answer.status, answer.body], [200, { state: 'pending' }]);
    assert.equal((await user.reload()).enrolmentHeld, true);
    assert.match(await link(), /^\/recovery\/setup\//);
  });
});
