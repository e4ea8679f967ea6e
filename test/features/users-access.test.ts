import assert from 'node:assert/strict';
import { Session } from '#models/session.js';
import { punishThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import type { Browser, Fields } from '../support/browser.js';
import { invite, logged, mailResetLink } from '../support/links.js';
import { enterPass, passFor } from '../support/passes.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { enrol, halfSignedIn, sendCode, signedInWith } from '../support/second-factor.js';
import { pageOf, userCalled } from '../support/users.js';

const NEW = 'quiet-lantern-orchard-57';

describe('An admin who looks after the access of a user', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  /** Presses the button of the user's page that leads there. */
  const press = async (who: string, what: string, fields: Fields = {}) => {
    const page = pageOf((await userCalled(portal, who)).id);
    return adam.follow(await adam.submit(page, `${page}/${what}`, fields));
  };

  const send = async (browser: Browser, path: string) => browser.post(path, { _csrf: await browser.csrf('/profile') });

  it('unlocks an account that failed sign-ins have locked, and the owner gets in at once', async () => {
    const stranger = portal.browser();
    for (let tries = 0; tries < 5; tries += 1) await stranger.tryToSignIn('acme/uma', 'not-the-password-0');
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.match((await adam.open('/admin/users?locked=yes')).text, /Uma Ndiaye.*Locked/s);
    assert.match((await adam.open(pageOf(portal.idOf('acme/uma')))).text, /Locked until/);
    assert.match((await press('acme/uma', 'unlock')).flash, /unlocked/);
    await portal.browser().signIn('acme/uma', PASSWORD);
    const [event] = await logged(portal, 'acme', 'account.unlocked');
    assert.equal(event?.['target_id'], portal.idOf('acme/uma'));
    const page = await adam.open(pageOf(portal.idOf('acme/uma')));
    assert.ok(!page.forms().some((action) => action.endsWith('/unlock')), 'there is nothing to unlock any more');
  });

  it('mails five links an hour to one account, and no more, whoever of them asks and whichever link it is', async () => {
    await invite(portal, 'acme/iris');
    for (const who of ['acme/uma', 'acme/iris']) {
      const before = (await portal.inbox.mailsTo(`${who.slice(5)}@acme.example`)).length;
      const path = `${pageOf((await userCalled(portal, who)).id)}/password-reset`;
      const olivia = await portal.signedIn('acme/olivia');
      for (let times = 0; times < 5; times += 1)
        assert.equal((await send(times < 3 ? adam : olivia, path)).status, 303);
      for (const one of [adam, olivia]) assert.equal((await send(one, path)).status, 429);
      assert.equal((await portal.inbox.mailsTo(`${who.slice(5)}@acme.example`)).length, before + 5, who);
    }
  });

  it('sees who did what happened last to an account: itself, somebody by name, or nobody who has one', async () => {
    await portal.signedIn('acme/uma');
    await press('acme/uma', 'password-expiry');
    const page = await adam.open(pageOf(portal.idOf('acme/uma')));
    const lines = page.document
      .querySelectorAll('[aria-labelledby=happenings] .setting-text')
      .map((one) => one.text.replace(/\s+/g, ' ').trim());
    assert.match(lines[0] ?? '', /^Password marked outdated ?Adam Arslan,/);
    assert.match(lines[1] ?? '', /^Signed in ?The account itself,/);
    assert.match(lines.at(-1) ?? '', /^User created ?Command line/);
  });

  it('unlocks an account that wrong codes have locked, without touching its second factor', async () => {
    const { phone } = await enrol(portal, 'acme/uma');
    const uma = pageOf(portal.idOf('acme/uma'));
    for (let half = 0; half < 2; half += 1) {
      const stranger = await halfSignedIn(portal, 'acme/uma');
      for (let tries = 0; tries < 5; tries += 1) await sendCode(stranger, '000000');
      portal.clock.move(60_000);
    }
    assert.equal((await sendCode(await halfSignedIn(portal, 'acme/uma'), phone.nextCode())).status, 429);
    const page = await adam.open(uma);
    assert.match(page.text, /Codes refused until/);
    assert.match(page.text, /Locked after wrong codes/);
    // Whoever enters codes knows the password: this lock does not open without a reason, which the owner is mailed.
    assert.match((await press('acme/uma', 'unlock')).alert, /Say why/);
    assert.match((await press('acme/uma', 'unlock', { reason: 'She called' })).flash, /unlocked/);
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /lock of codes/i);
    assert.ok(!(await adam.open(uma)).forms().some((action) => action.endsWith('/unlock')));
    await signedInWith(portal, 'acme/uma', phone);
  });

  it('opens the lock of wrong codes with the second factor that is taken away, so that another can be set up', async () => {
    await enrol(portal, 'acme/uma');
    const { id, tenantId } = await userCalled(portal, 'acme/uma');
    const limit = { failures: 1, windowMs: 600_000, blockMs: 600_000, longestBlockMs: 600_000 };
    for (let n = 0; n < 2; n += 1) await punishThrottle(portal.database, `codes/${id}`, limit, portal.clock.now());
    const uma = pageOf(id);
    const form = (await adam.open(uma)).form(uma);
    delete form['twoFactorActive'];
    assert.equal((await adam.post(uma, { ...form, reason: 'Lost the phone' })).status, 303);
    const browser = portal.browser();
    await enterPass(browser, 'acme/uma', await passFor(portal, 'acme/uma'));
    await browser.submit('/login/two-factor/setup', '/security/two-factor/setup');
    const phone = new Phone(portal.clock).scan(await browser.open('/login/two-factor/setup'));
    await browser.submit('/login/two-factor/setup', '/login/two-factor/setup', { code: phone.code() });
    assert.equal((await User.findOne({ where: { tenantId, id }, rejectOnEmpty: true })).twoFactor, 'active');
  });

  it('sends a link for a new password without getting to know either', async () => {
    const page = await press('acme/uma', 'password-reset');
    assert.match(page.flash, /so a link to set a new password reaches nobody by itself: it lies in the folder “mail”/);
    const path = await portal.inbox.linkTo('uma@acme.example', '/password/reset/');
    assert.ok(!page.html.includes(path));
    const browser = portal.browser();
    await browser.submit(path, path, { newPassword: NEW, confirmPassword: NEW });
    await browser.signIn('acme/uma', NEW);
    assert.equal((await logged(portal, 'acme', 'password.reset-requested')).length, 1);
  });

  it('sends an invitation again, by either button, and the one before is void', async () => {
    const first = await invite(portal, 'acme/iris');
    assert.match((await press('acme/iris', 'invitation')).flash, /so a new invitation reaches nobody/);
    const second = await portal.inbox.linkTo('iris@acme.example', '/invitations/');
    assert.notEqual(first, second);
    const iris = pageOf((await userCalled(portal, 'acme/iris')).id);
    const answer = await adam.post(`${iris}/password-reset`, { _csrf: await adam.csrf() });
    assert.match((await adam.follow(answer)).flash, /new invitation/);
    const third = await portal.inbox.linkTo('iris@acme.example', '/invitations/');
    for (const old of [first, second])
      assert.notEqual((await portal.browser().open(old)).heading, 'Welcome, Iris Ivanova');
    assert.equal((await portal.browser().open(third)).heading, 'Welcome, Iris Ivanova');
  });

  it('is told so where there is no password to send a link for, and offered no button', async () => {
    const _csrf = await adam.csrf();
    const uma = pageOf(portal.idOf('acme/uma'));
    assert.equal((await adam.post(`${uma}/invitation`, { _csrf })).status, 409);
    const robo = pageOf(portal.idOf('acme/robo'));
    for (const what of ['password-reset', 'invitation', 'password-expiry']) {
      assert.equal((await adam.post(`${robo}/${what}`, { _csrf })).status, 409, what);
      assert.ok(!(await adam.open(robo)).forms().includes(`${robo}/${what}`), what);
    }
    await adam.submit(uma, uma, { status: 'disabled' });
    assert.equal((await adam.post(`${uma}/password-reset`, { _csrf })).status, 409);
    assert.ok(!(await adam.open(uma)).forms().includes(`${uma}/password-reset`));
  });

  it('marks a password outdated: in every open session nothing else can be done before a new one is chosen', async () => {
    const uma = await portal.signedIn('acme/uma');
    assert.match((await press('acme/uma', 'password-expiry')).flash, /marked outdated/);
    assert.equal((await uma.get('/security')).location, '/login/password');
    await uma.submit('/login/password', '/login/password', { newPassword: NEW, confirmPassword: NEW });
    assert.equal((await uma.get('/security')).status, 200);
    assert.equal((await logged(portal, 'acme', 'password.marked-outdated')).length, 1);
  });

  it('sees the open sessions, and ends one of them', async () => {
    const [phone, desk] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const page = await adam.open(pageOf(portal.idOf('acme/uma')));
    assert.match(page.text, /Signed in with 2 browsers/);
    const [newest] = await Session.findAll({ where: { userId: portal.idOf('acme/uma') }, order: [['id', 'DESC']] });
    const action = `${page.path}/sessions/removal`;
    const answer = await adam.post(action, { _csrf: page.valueOf('_csrf'), sessionId: newest!.id });
    assert.match((await adam.follow(answer)).flash, /The session has been ended/);
    assert.equal((await phone.get('/security')).status, 200);
    assert.match((await desk.get('/security')).location, /^\/login/);
    const others = await Session.findOne({ where: { userId: portal.idOf('acme/adam') }, rejectOnEmpty: true });
    for (const sessionId of [newest!.id, others.id]) {
      assert.equal((await adam.post(action, { _csrf: await adam.csrf(), sessionId })).status, 404);
    }
    assert.equal((await logged(portal, 'acme', 'session.ended')).length, 1);
  });

  it('ends all sessions, and what had been begun with a link', async () => {
    const browsers = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const link = await mailResetLink(portal, 'acme/uma');
    assert.equal((await portal.browser().open(link)).heading, 'Choose a new password');
    assert.match((await press('acme/uma', 'sessions/removal')).flash, /2 sessions have been ended/);
    for (const browser of browsers) assert.match((await browser.get('/security')).location, /^\/login/);
    assert.notEqual((await portal.browser().open(link)).heading, 'Choose a new password');
    const [event] = await logged(portal, 'acme', 'sessions.ended');
    assert.deepEqual(JSON.parse(String(event?.['details'])), { count: 2 });
  });

  it('must have signed in a short while ago for each of these', async () => {
    portal.clock.move(11 * 60_000);
    const page = pageOf(portal.idOf('acme/uma'));
    const _csrf = await adam.csrf();
    for (const what of ['unlock', 'invitation', 'password-reset', 'password-expiry', 'sessions/removal', 'removal']) {
      assert.match((await adam.post(`${page}/${what}`, { _csrf })).location, /^\/confirm/, what);
    }
    assert.match((await adam.get(`${page}/removal`)).location, /^\/confirm/);
    assert.match((await adam.get('/admin/users/new')).location, /^\/confirm/);
    assert.equal((await userCalled(portal, 'acme/uma')).mustChangePassword, false);
  });
});
